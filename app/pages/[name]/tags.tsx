import type { TagCount } from '../../../lib/queries/tags.ts';
import { Page } from '../../_components/shell.tsx';
import { TagCounts, TagLink } from '../../_components/tag-mark.tsx';
import { count, writeNumber } from '../../_components/text.ts';
import { readTags } from '../../_data/pages.ts';

const OFTEN_SHOWN = 12;

/** Tags by the first letter of their names; what starts with no letter comes first. */
function byLetter(tags: TagCount[]): [string, TagCount[]][] {
  const groups = new Map<string, TagCount[]>();
  for (const tag of tags) {
    const first = [...tag.name.normalize('NFD').toUpperCase()][0] ?? '';
    const letter = /\p{L}/u.test(first) ? first : '#';
    groups.set(letter, [...(groups.get(letter) ?? []), tag]);
  }
  return [...groups].sort(([a], [b]) => a.localeCompare(b));
}

/** `/tags`: all tags by name. */
export async function TagsPage() {
  const tags = await readTags();
  const letters = byLetter(tags);
  const often = [...tags].sort((a, b) => b.posts - a.posts).slice(0, OFTEN_SHOWN);
  return (
    <Page
      section="tags"
      head={
        <>
          <h1>All tags</h1>
          <p className="lede">
            {tags.length === 0
              ? 'There are none yet: tags come with the first posts.'
              : `${count(tags.length, 'tag')}, from the posts’ own categories.`}{' '}
            <a href="/tags/log">What was merged and hidden</a>
          </p>
        </>
      }
      rail={{
        label: 'About tags',
        summary: 'Tags used most often',
        content: (
          <section>
            <h2>Most posts</h2>
            <TagCounts tags={often} />
          </section>
        ),
      }}
    >
      <div className="list">
        <nav className="letters flush" aria-label="Letters">
          {letters.map(([letter]) => (
            <a key={letter} href={`#letter-${letter}`}>
              {letter}
            </a>
          ))}
        </nav>
        <div className="index">
          {letters.map(([letter, ofLetter]) => (
            <section key={letter} id={`letter-${letter}`}>
              <h2>{letter}</h2>
              <ul className="plain">
                {ofLetter.map((tag) => (
                  <li key={tag.slug}>
                    <TagLink tag={tag} />
                    <span className="n">{writeNumber(tag.posts)}</span>
                  </li>
                ))}
              </ul>
            </section>
          ))}
        </div>
      </div>
    </Page>
  );
}
