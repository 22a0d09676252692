import { diffArrays, diffWordsWithSpace } from 'diff';
import { dbPool } from '../db.ts';

// How a post's text has changed since it was first seen, in a form that can be read.

/** A run of words that stayed, came or went. */
export interface Run {
  kind: 'same' | 'added' | 'removed';
  text: string;
}

/** A paragraph with a change in it, or how many there are without one. */
export type ChangedPart = { runs: Run[] } | { unchanged: number };

/** One change of a post. */
export interface Change {
  /** When we saw it, ISO 8601. */
  at: string;
  /** Only where it changed. */
  title?: { before: string; after: string };
  parts: ChangedPart[];
}

/** Comparing two texts that have little in common takes longer with each paragraph. */
const COMPARE_MS_MAX = 200;

const whole = (kind: 'added' | 'removed', lines: string[]): ChangedPart[] =>
  lines.map((text) => ({ runs: [{ kind, text }] }));

/** The words that differ between two runs of paragraphs. */
function compareWords(before: string[], after: string[]): ChangedPart[] {
  if (before.length === 0) return whole('added', after);
  if (after.length === 0) return whole('removed', before);
  const words = diffWordsWithSpace(before.join('\n'), after.join('\n'), {
    timeout: COMPARE_MS_MAX,
  });
  const isRewritten = words?.every((run) => run.added || run.removed || run.value.trim() === '');
  if (words === undefined || isRewritten) {
    return [...whole('removed', before), ...whole('added', after)];
  }
  const parts: { runs: Run[] }[] = [{ runs: [] }];
  for (const { value, added, removed } of words) {
    const kind = added ? 'added' : removed ? 'removed' : 'same';
    for (const [i, text] of value.split('\n').entries()) {
      if (i > 0) parts.push({ runs: [] });
      if (text !== '') parts.at(-1)?.runs.push({ kind, text });
    }
  }
  return parts.filter((part) => part.runs.length > 0);
}

/**
 * What differs between two texts, paragraphs that stayed only counted. Pure.
 * @param before paragraphs, one a line, as htmlToText gives them.
 */
export function compareTexts(before: string, after: string): ChangedPart[] {
  const [old, now] = [before, after].map((text) => text.split('\n').filter((line) => line !== ''));
  const lines = diffArrays(old ?? [], now ?? [], { timeout: COMPARE_MS_MAX });
  if (lines === undefined) return [...whole('removed', old ?? []), ...whole('added', now ?? [])];
  const parts: ChangedPart[] = [];
  for (let at = 0; at < lines.length; at++) {
    const chunk = lines[at];
    const next = lines[at + 1];
    if (chunk === undefined) break;
    if (!chunk.added && !chunk.removed) {
      parts.push({ unchanged: chunk.value.length });
    } else if (next !== undefined && next.added !== next.removed && next.added !== chunk.added) {
      const [gone, come] = chunk.removed ? [chunk, next] : [next, chunk];
      parts.push(...compareWords(gone.value, come.value));
      at++;
    } else {
      parts.push(...whole(chunk.added ? 'added' : 'removed', chunk.value));
    }
  }
  return parts;
}

interface State {
  title: string;
  text: string;
  /** Null for the state that is shown now. */
  endedAt: Date | null;
}

/** The changes of a post, the latest first; empty for one that never changed. */
export async function listChanges(postId: number): Promise<Change[]> {
  const { rows } = await dbPool().query<State>(
    `SELECT version, title, body_text AS text, ended_at AS "endedAt"
     FROM post_versions WHERE post_id = $1
     UNION ALL
     SELECT version, title, body_text, NULL FROM posts WHERE id = $1 AND withdrawn_at IS NULL
     ORDER BY version`,
    [postId],
  );
  const changes = rows.slice(1).flatMap((state, i): Change[] => {
    const before = rows[i];
    if (before?.endedAt == null) return [];
    const title = { before: before.title, after: state.title };
    return [
      {
        at: before.endedAt.toISOString(),
        ...(title.before === title.after ? {} : { title }),
        parts: before.text === state.text ? [] : compareTexts(before.text, state.text),
      },
    ];
  });
  return changes.reverse();
}
