/** Bumped with every change of the statements below; a newer schema in the database is refused. */
export const SCHEMA_VERSION = 1;

export function isSchemaName(name: string): boolean {
  return /^[a-z_][a-z0-9_]{0,40}$/.test(name);
}

/**
 * The log. `log` is partitioned twice: by topic, then by segment, so that old data leaves by dropping a table. Segments are
 * rolled by time and size (see maintenance.ts); the number in use stands in the partition's row and is read under its lock.
 */
function tables(schema: string): string {
  return `
CREATE TABLE ${schema}.topic (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE,
  partitions int NOT NULL,
  retention_ms bigint NOT NULL,
  cleanup text NOT NULL
);
CREATE TABLE ${schema}.partition (
  topic_id int NOT NULL REFERENCES ${schema}.topic,
  partition int NOT NULL,
  segment int NOT NULL,
  next_offset bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (topic_id, partition)
) WITH (fillfactor = 30);
CREATE TABLE ${schema}.segment (
  topic_id int NOT NULL REFERENCES ${schema}.topic,
  first int NOT NULL,
  last int NOT NULL,
  opened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  closed_at timestamptz,
  compacted_at timestamptz,
  PRIMARY KEY (topic_id, first)
);
CREATE TABLE ${schema}.log (
  topic_id int NOT NULL,
  partition int NOT NULL,
  segment int NOT NULL,
  "offset" bigint NOT NULL,
  ts bigint NOT NULL,
  key bytea NOT NULL,
  value bytea,
  headers bytea,
  PRIMARY KEY (topic_id, partition, "offset", segment)
) PARTITION BY LIST (topic_id);
ALTER TABLE ${schema}.log ALTER COLUMN value SET STORAGE EXTERNAL;
CREATE TABLE ${schema}.member (
  group_name text NOT NULL,
  member_id uuid NOT NULL,
  topics int[] NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (group_name, member_id)
) WITH (fillfactor = 30);
CREATE TABLE ${schema}.claim (
  group_name text NOT NULL,
  topic_id int NOT NULL REFERENCES ${schema}.topic,
  partition int NOT NULL,
  holder uuid,
  epoch bigint NOT NULL DEFAULT 0,
  position bigint,
  PRIMARY KEY (group_name, topic_id, partition)
) WITH (fillfactor = 30);`;
}

/**
 * Appends to many partitions in one statement, hence one transaction and one round trip. Offsets are given out under the
 * lock of the partition's row, which is held until the commit: whoever is given a higher offset commits later, so what a
 * reader sees of a partition is always a prefix and no reader skips a record that commits late. Callers sort the lanes by
 * (topic, partition), so that two appends never wait for each other in a circle.
 */
function appendFunction(schema: string): string {
  return `
CREATE OR REPLACE FUNCTION ${schema}.append(
  p_topic int[], p_partition int[], p_count int[],
  p_lane int[], p_seq int[], p_at int[], p_key int[], p_value int[], p_headers int[], p_ts bigint[], p_blob bytea
) RETURNS void LANGUAGE plpgsql AS $function$
DECLARE
  v_base bigint[] := '{}';
  v_segment int[] := '{}';
  v_wake text := '';
  v_next bigint;
  v_current int;
  v_now bigint := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
BEGIN
  FOR i IN 1..array_length(p_topic, 1) LOOP
    UPDATE ${schema}.partition SET next_offset = next_offset + p_count[i]
      WHERE topic_id = p_topic[i] AND partition = p_partition[i]
      RETURNING next_offset, segment INTO v_next, v_current;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'no partition % of topic %', p_partition[i], p_topic[i] USING ERRCODE = 'P0002';
    END IF;
    v_base := v_base || (v_next - p_count[i]);
    v_segment := v_segment || v_current;
    v_wake := v_wake || p_topic[i] || ':' || p_partition[i] || ' ';
  END LOOP;
  INSERT INTO ${schema}.log (topic_id, partition, segment, "offset", ts, key, value, headers)
  SELECT p_topic[r.lane], p_partition[r.lane], v_segment[r.lane], v_base[r.lane] + r.seq,
    CASE WHEN r.ts < 0 THEN v_now ELSE r.ts END,
    substring(p_blob FROM r.at FOR r.key),
    CASE WHEN r.value >= 0 THEN substring(p_blob FROM r.at + r.key FOR r.value) END,
    CASE WHEN r.headers > 0 THEN substring(p_blob FROM r.at + r.key + greatest(r.value, 0) FOR r.headers) END
  FROM unnest(p_lane, p_seq, p_at, p_key, p_value, p_headers, p_ts) AS r(lane, seq, at, key, value, headers, ts);
  PERFORM pg_notify('${schema}_log', v_wake);
END
$function$;`;
}

/**
 * One member's sign of life. Renews its lease, ends those of the dead, and gives it free partitions up to its fair share;
 * returns what it holds, with that share. Every change of holder raises the epoch, and a commit names holder and epoch, so
 * a member that was frozen over the end of its lease cannot commit what is another's by now. All times are the server's.
 * Leases need not survive a power cut, so nothing here waits for the disk.
 */
function beatFunction(schema: string): string {
  return `
CREATE OR REPLACE FUNCTION ${schema}.beat(p_group text, p_member uuid, p_topics int[], p_session_ms int, p_latest boolean, p_first boolean)
RETURNS TABLE (topic_id int, partition int, epoch bigint, "position" bigint, quota int) LANGUAGE plpgsql AS $function$
#variable_conflict use_column
DECLARE
  v_topic int;
  v_members int;
  v_rank int;
  v_partitions int;
  v_quota int;
  v_held int;
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  PERFORM pg_advisory_xact_lock(hashtextextended('${schema}.group.' || p_group, 0));
  INSERT INTO ${schema}.member (group_name, member_id, topics, expires_at)
    VALUES (p_group, p_member, p_topics, clock_timestamp() + p_session_ms * interval '1 millisecond')
    ON CONFLICT (group_name, member_id) DO UPDATE SET expires_at = EXCLUDED.expires_at;
  -- One that ends far ahead was written before the clock was set back: a living member writes it anew with its next beat.
  DELETE FROM ${schema}.member WHERE group_name = p_group
    AND (expires_at < clock_timestamp() OR expires_at > clock_timestamp() + greatest(10 * p_session_ms, 120000) * interval '1 millisecond');
  UPDATE ${schema}.claim c SET holder = NULL
    WHERE c.group_name = p_group AND c.holder IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM ${schema}.member m WHERE m.group_name = p_group AND m.member_id = c.holder);
  IF p_first THEN
    INSERT INTO ${schema}.claim (group_name, topic_id, partition)
      SELECT p_group, p.topic_id, p.partition FROM ${schema}.partition p WHERE p.topic_id = ANY (p_topics)
      ON CONFLICT DO NOTHING;
    PERFORM pg_notify('${schema}_log', 'group ' || p_group);
  END IF;
  FOREACH v_topic IN ARRAY p_topics LOOP
    SELECT count(*), count(*) FILTER (WHERE m.member_id < p_member) INTO v_members, v_rank
      FROM ${schema}.member m WHERE m.group_name = p_group AND v_topic = ANY (m.topics);
    SELECT count(*), count(*) FILTER (WHERE c.holder = p_member) INTO v_partitions, v_held
      FROM ${schema}.claim c WHERE c.group_name = p_group AND c.topic_id = v_topic;
    v_quota := v_partitions / v_members + CASE WHEN (v_rank + v_topic) % v_members < v_partitions % v_members THEN 1 ELSE 0 END;
    UPDATE ${schema}.claim c SET holder = p_member, epoch = c.epoch + 1,
        position = COALESCE(c.position, CASE WHEN p_latest THEN
          (SELECT p.next_offset FROM ${schema}.partition p WHERE p.topic_id = v_topic AND p.partition = c.partition) END)
      WHERE c.group_name = p_group AND c.topic_id = v_topic AND c.partition IN (
        SELECT f.partition FROM ${schema}.claim f
        WHERE f.group_name = p_group AND f.topic_id = v_topic AND f.holder IS NULL
        ORDER BY f.partition LIMIT greatest(v_quota - v_held, 0));
    RETURN QUERY SELECT c.topic_id, c.partition, c.epoch, c.position, v_quota
      FROM ${schema}.claim c WHERE c.group_name = p_group AND c.topic_id = v_topic AND c.holder = p_member;
  END LOOP;
END
$function$;`;
}

/** Everything that makes an empty database the log, in one transaction under an advisory lock. */
export function schemaStatements(schema: string): string {
  return [
    `CREATE SCHEMA IF NOT EXISTS ${schema};`,
    tables(schema),
    appendFunction(schema),
    beatFunction(schema),
    `CREATE TABLE ${schema}.schema_version (version int NOT NULL);`,
    `INSERT INTO ${schema}.schema_version VALUES (${SCHEMA_VERSION});`,
  ].join('\n');
}
