import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { BlobStore } from '@fanin/connector-kit';
import { FaninError, messageOf, type ErrorCode } from '@fanin/kernel';
import type { S3Config } from '../config/fanin-config.js';
import { checkKey } from './blob-key.js';

/** Blobs in a bucket of anything that speaks the S3 API. A PUT that was answered is durable. */
export function createS3BlobStore(config: S3Config): BlobStore & { close(): void } {
  const client = new S3Client({
    endpoint: config.endpoint,
    region: config.region,
    forcePathStyle: config.force_path_style,
    credentials: { accessKeyId: config.access_key_id, secretAccessKey: config.secret_access_key },
    // Stores other than Amazon's often know no trailing checksums; TLS and Content-MD5 are enough for ours.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 30_000 },
  });
  const Bucket = config.bucket;

  return {
    async put(key, bytes) {
      const command = new PutObjectCommand({ Bucket, Key: checkKey(key), Body: bytes, ContentLength: bytes.length });
      await client.send(command).catch(rethrow);
    },

    async get(key, range) {
      if (range !== undefined && range.end <= range.start) return Buffer.alloc(0);
      const command = new GetObjectCommand({
        Bucket,
        Key: checkKey(key),
        // RFC 9110 §14.1.2: both ends are inclusive.
        ...(range === undefined ? {} : { Range: `bytes=${range.start}-${range.end - 1}` }),
      });
      try {
        const answer = await client.send(command);
        return Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
      } catch (error) {
        if (statusOf(error) === 404) throw new FaninError('BAD_PAYLOAD', `there is no blob ${key}`, { cause: error });
        if (statusOf(error) === 416) return Buffer.alloc(0);
        return rethrow(error);
      }
    },

    async remove(key) {
      await client.send(new DeleteObjectCommand({ Bucket, Key: checkKey(key) })).catch(rethrow);
    },

    async reachable(timeoutMs) {
      return client.send(new HeadBucketCommand({ Bucket }), { abortSignal: AbortSignal.timeout(timeoutMs) }).then(
        () => true,
        () => false,
      );
    },

    close: () => client.destroy(),
  };
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined;
  return (error.$metadata as { httpStatusCode?: number }).httpStatusCode;
}

function rethrow(error: unknown): never {
  const status = statusOf(error);
  const code: ErrorCode = status === 401 || status === 403 ? 'AUTH' : status === 404 ? 'CONFIG' : 'TRANSIENT';
  throw new FaninError(code, `the object store refused or did not answer (${status ?? messageOf(error)})`, {
    cause: error,
  });
}
