import type { Metadata } from 'next';
import { tellOutcome } from '../../../lib/commands/tags.ts';
import type { TagOutcome } from '../../../lib/model/tag.ts';
import { readOverview } from '../../../lib/queries/admin.ts';
import { listNearTags, listProposals, listTagRows } from '../../../lib/queries/tag-log.ts';
import { AdminFrame } from '../_parts/frame.tsx';
import { TwoTags, WishForms } from '../_parts/tag-forms.tsx';
import { HiddenTags, Proposals } from '../_parts/tag-tables.tsx';
import { count } from '../_parts/times.ts';
import { outcomeFrom } from './back.ts';

export const metadata: Metadata = { title: 'Tags – Operator', robots: { index: false } };

/** Rendered for each request, whole. */
export const instant = false;

/** A morning's work; the rest comes when these are decided. */
const PROPOSALS_SHOWN_MAX = 50;
/** The largest; `bin/tagwire tags list --hidden` has all. */
const HIDDEN_SHOWN_MAX = 200;

interface Props {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

async function readOutcome(searchParams: Props['searchParams']): Promise<TagOutcome | undefined> {
  const query = await searchParams;
  const first = (name: string) => [query[name]].flat()[0];
  const outcome = outcomeFrom({ done: first('done'), from: first('from'), into: first('into') });
  if (outcome?.kind !== 'unknown') return outcome;
  return { ...outcome, near: await listNearTags(outcome.name) };
}

export default async function AdminTagsPage({ searchParams }: Props) {
  const outcome = await readOutcome(searchParams);
  const [overview, proposals, hidden] = await Promise.all([
    readOverview(),
    listProposals(PROPOSALS_SHOWN_MAX),
    listTagRows({ hidden: true, limit: HIDDEN_SHOWN_MAX }),
  ]);
  const open = `${count(proposals.length, 'proposal')}${proposals.length === PROPOSALS_SHOWN_MAX ? ' or more' : ''}`;
  const lede = `${open}, ${count(hidden.length, 'hidden tag')}. Whatever is done here stands in the public log.`;
  return (
    <AdminFrame current="tags" overview={overview} heading="Tags" lede={lede}>
      {outcome ? <Told outcome={outcome} /> : null}
      <section aria-labelledby="proposals">
        <h2 className="h" id="proposals">
          Merges that may be right
        </h2>
        <Proposals proposals={proposals} />
      </section>
      <section className="sec" aria-labelledby="by-name">
        <h2 className="h" id="by-name">
          By name
        </h2>
        <TwoTags />
        <WishForms />
      </section>
      <section className="sec" aria-labelledby="hidden">
        <h2 className="h" id="hidden">
          Hidden tags
        </h2>
        <HiddenTags tags={hidden} />
      </section>
      <p className="more">
        <a href="/tags/log">The public log</a>
      </p>
    </AdminFrame>
  );
}

/** What came of a form. */
function Told({ outcome }: { outcome: TagOutcome }) {
  const { message, next } = tellOutcome(outcome);
  return (
    <div className="note" role="status">
      <p>{message}</p>
      {next ? <p className="help">{next}</p> : null}
    </div>
  );
}
