// Blocks out of paragraphs. A browser ends a paragraph where code, a table or a list begins in it,
// whatever the tags say: what follows has no paragraph, what is left of a link around it is empty,
// and the end tag makes one more, empty paragraph.

/** What ends a paragraph (HTML Standard, 13.2.6.4.7: start tags that close a `p` element). */
const BLOCKS = new Set(
  (
    'address article aside blockquote center dd details div dl dt figcaption figure footer h1 h2 ' +
    'h3 h4 h5 h6 header hgroup hr li main nav ol p pre section summary table ul'
  ).split(' '),
);
/** Parts of a table: alone they are nothing to a browser. */
const TABLED = new Set('caption col colgroup tbody td tfoot th thead tr'.split(' '));
/** Elements that a browser takes on into the block: they stay around it. */
const CARRIED = new Set('a b big code em font i s small strike strong tt u'.split(' '));
const VOID = new Set('br col hr img source track wbr'.split(' '));

/** Elements between a paragraph and a block in it: honest ones are two or three. */
const DEPTH_MAX = 8;
/** How much longer a body may become by tags that are written again. */
const GROWTH_MAX = 1.5;

const PIECE = /<(\/?)([a-z][a-z0-9-]*)((?:\s[^<>]*)?)>|[^<]+/gu;
const PLACE = /\sid="[^"]*"/u;

interface Open {
  name: string;
  tag: string;
  /** How many pieces had been written when it was opened. */
  at: number;
  /** It has been ended for a block, and goes on when something else comes. */
  isAway: boolean;
  /** Names of elements that were opened around it, to be ended after it. */
  around: string[];
}

class Lifter {
  readonly parts: string[] = [];
  /** The first is a paragraph for what stands in none, once there is something. */
  readonly open: Open[] = [{ name: 'p', tag: '<p>', at: 0, isAway: true, around: [] }];
  length = 0;

  write(part: string): void {
    this.parts.push(part);
    this.length += part.length;
  }

  /** Opens again what had been ended for a block, if that is over. */
  resume(): void {
    const from = this.open.findLastIndex(({ name, isAway }, i) => {
      return !isAway || name === 'p' || i === 0;
    });
    for (const element of this.open.slice(from)) {
      if (!element.isAway) continue;
      element.isAway = false;
      // A place is where it was first.
      element.tag = element.tag.replace(PLACE, '');
      element.at = this.parts.length;
      this.write(element.tag);
    }
  }

  /** Ends an element; one with nothing in it leaves nothing, unless something may lead to it. */
  end({ name, tag, at }: Open): void {
    let next = at + 1;
    while (next < this.parts.length && this.parts[next]?.trim() === '') next++;
    if (next === this.parts.length && !PLACE.test(tag)) this.parts[at] = '';
    else this.write(`</${name}>`);
  }

  /**
   * Ends the paragraph in which a block begins. @returns elements to be opened around the block.
   */
  leaveParagraph(): Open[] {
    // One that was ended for the block before is left once more, or a link would hold the first
    // block alone.
    const at = this.open.findLastIndex(
      ({ name, isAway }, i) =>
        name === 'p' && (!isAway || this.open.slice(i).every((each) => each.isAway)),
    );
    // A paragraph around a table is ended by it, and by nothing in it.
    const scope = this.open.findLastIndex(({ name }) => name === 'table');
    if (at === -1 || at < scope || this.open.length - at > DEPTH_MAX) return [];
    const path = this.open.slice(at);
    for (const element of path.toReversed()) {
      if (!element.isAway) this.end(element);
      element.isAway = true;
    }
    return path.filter(({ name }) => CARRIED.has(name));
  }

  start(name: string, tag: string): void {
    const isBlock = BLOCKS.has(name);
    const around = isBlock ? this.leaveParagraph() : [];
    if (!isBlock && !TABLED.has(name)) this.resume();
    for (const each of around) this.write(each.tag.replace(PLACE, ''));
    this.write(tag);
    const names = around.map((each) => each.name);
    if (!VOID.has(name)) {
      const at = this.parts.length - 1;
      this.open.push({ name, tag, at, isAway: false, around: names });
    } else for (const each of names.toReversed()) this.write(`</${each}>`);
  }

  stop(name: string): void {
    const element = this.open.at(-1);
    if (element?.name !== name || this.open.length === 1) return;
    this.open.pop();
    if (!element.isAway) this.write(`</${name}>`);
    for (const each of element.around.toReversed()) this.write(`</${each}>`);
  }
}

/**
 * A body in which no paragraph has a block in it: such a paragraph ends before the block and goes
 * on after it, with the elements that were open. Text that stands beside blocks gets a paragraph.
 * Linear; a body that would grow much is left as it is.
 * @param html sanitised.
 */
export function liftBlocks(html: string): string {
  const lifter = new Lifter();
  const lengthMax = html.length * GROWTH_MAX + 1_000;
  for (const [piece, slash, name = ''] of html.matchAll(PIECE)) {
    if (name === '') {
      if (piece.trim() !== '') lifter.resume();
      lifter.write(piece);
    } else if (slash === '/') lifter.stop(name);
    else lifter.start(name, piece);
    if (lifter.length > lengthMax) return html;
  }
  const [last] = lifter.open;
  if (last !== undefined && !last.isAway) lifter.end(last);
  return lifter.parts.join('');
}
