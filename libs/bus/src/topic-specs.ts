import type { TopicDeclaration } from '@fanin/contracts';
import { TOPICS, topicName } from '@fanin/contracts';
import type { TopicSpec } from './port.js';
import { deadLetterSpecOf } from './settle/dead-letter.js';

/** Declared topics as the bus makes them, each with its dead-letter topic. */
export function topicSpecsOf(
  prefix?: string,
  declarations: readonly TopicDeclaration[] = Object.values(TOPICS),
): TopicSpec[] {
  return declarations.flatMap((declaration) => {
    const spec: TopicSpec = {
      name: topicName(declaration, prefix),
      partitions: declaration.partitions,
      retentionMs: declaration.retentionMs,
      cleanup: declaration.cleanup,
    };
    return [spec, deadLetterSpecOf(spec)];
  });
}
