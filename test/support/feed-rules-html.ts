import { parseFragment } from 'parse5';
import { type Look, say } from './feed-rules-shared.ts';

const UNSAFE_ELEMENT = new Set(
  'script style link meta object embed applet iframe frame form input base'.split(' '),
);

interface HtmlNode {
  tagName?: string;
  attrs?: { name: string; value: string }[];
  childNodes?: HtmlNode[];
}

/** What is in the HTML of an item that a reader must not run, or could not follow. */
export function checkHtml(look: Look, html: string): void {
  const walk = (node: HtmlNode) => {
    if (UNSAFE_ELEMENT.has(node.tagName ?? '')) say(look, 'SecurityRisk', `<${node.tagName}>`);
    for (const { name, value } of node.attrs ?? []) {
      if (/^on/iu.test(name) || name === 'style') say(look, 'SecurityRiskAttr', name);
      if (name !== 'href' && name !== 'src') continue;
      if (/^\s*(javascript|vbscript|data):/iu.test(value)) say(look, 'SecurityRiskAttr', value);
      if (!/^[a-z][a-z\d+.-]*:/iu.test(value)) say(look, 'ContainsRelRef', `${name} ${value}`);
    }
    node.childNodes?.forEach(walk);
  };
  const onParseError = ({ code }: { code: string }) => say(look, 'NotHtml', code);
  walk(parseFragment(html, { onParseError }) as HtmlNode);
}
