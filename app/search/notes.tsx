import { unreachable } from '../../lib/errors.ts';
import type { AnsweredBy, QueryFault } from '../../lib/model/search.ts';
import { FaultPlace } from '../_components/query-fault.tsx';

/** One quiet line about who has answered, where that is not the search server. */
export function AnswerNote({ answeredBy }: { answeredBy: AnsweredBy }) {
  if (answeredBy.by === 'index') return null;
  return <p className="lede">{describeAnswer(answeredBy)}</p>;
}

function describeAnswer(answeredBy: Extract<AnsweredBy, { by: 'database' }>): string {
  switch (answeredBy.why) {
    case 'query':
      return `${sentenceOf(answeredBy.beyond)} answered by the database: ${SO}`;
    case 'away':
      return `The search server is away for the moment, so the database answers: ${SO}`;
    case 'off':
      return `This site runs without a search server, so the database answers: ${SO}`;
    default:
      return unreachable(answeredBy);
  }
}

const SO = 'whole words, and no slips of typing forgiven.';

/** `OR is`, `Brackets are`, `OR and =words are`. */
function sentenceOf(names: string[]): string {
  const list =
    names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  const isOne = names.length === 1 && /^(OR|title:|author:)$/u.test(list);
  return `${/^(title|author):/u.test(list) ? list : list.charAt(0).toUpperCase() + list.slice(1)} ${isOne ? 'is' : 'are'}`;
}

/** That a text is no query and was taken as plain words, with the place. */
export function FaultNote({ query, fault }: { query: string; fault: QueryFault | undefined }) {
  if (fault === undefined) return null;
  return (
    <div className="lede">
      <p>
        {fault.message} So the words are looked for as they stand.{' '}
        <a href="/search/language">How to write a search</a>
      </p>
      <FaultPlace query={query} at={fault.at} />
    </div>
  );
}
