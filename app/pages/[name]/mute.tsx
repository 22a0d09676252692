import { Page } from '../../_components/shell.tsx';

const LISTS = [
  ['tags', 'Tags'],
  ['sources', 'Sources'],
  ['words', 'Words'],
] as const;

/** `/mute`: what the reader wants to see no posts of. public/mute-page.js fills it in. */
export function MutePage() {
  return (
    <Page
      head={
        <>
          <h1>What is muted</h1>
          <p className="lede">
            Posts with these tags, of these sources, or with these words in what a list shows of
            them are left out of lists. That is known to this browser alone, and never sent.
          </p>
        </>
      }
    >
      <div className="list mute">
        <noscript>
          <p>
            Muting is done by a script of this site, which your browser does not run. A search can
            leave posts out without it: <code>kernel -webinar -source:shop</code>.
          </p>
        </noscript>
        <div className="scripted">
          <section id="mute-offered" className="note" aria-labelledby="mute-offered-h" hidden>
            <h2 id="mute-offered-h">This address would mute</h2>
            <ul className="plain" />
            <p className="row">
              <button className="btn" type="button" id="mute-accept">
                Mute these too
              </button>{' '}
              <button className="btn two" type="button" id="mute-refuse">
                No
              </button>
            </p>
          </section>
          <form id="mute-form" className="row">
            <div>
              <label htmlFor="mute-kind">Mute</label>
              <select id="mute-kind">
                <option value="words">Words</option>
                <option value="tags">Tag</option>
                <option value="sources">Source</option>
              </select>
            </div>
            <div>
              <label htmlFor="mute-text">Its words, name or address</label>
              <input id="mute-text" maxLength={400} autoComplete="off" />
            </div>
            <button type="submit" className="btn">
              Mute
            </button>
          </form>
          <p id="mute-said" role="status" />
          <p id="mute-nothing">
            Nothing is muted. Each post in a list has a button for it, each tag and source a line
            beside its posts.
          </p>
          {LISTS.map(([kind, label]) => (
            <section key={kind} id={`mute-${kind}`} tabIndex={-1} hidden>
              <h2>{label}</h2>
              <ul className="plain" />
            </section>
          ))}
          <section>
            <h2>In another browser</h2>
            <div id="mute-carry" hidden>
              <p>
                <button type="button" className="btn two" id="mute-save">
                  Save as a file
                </button>
              </p>
              <label htmlFor="mute-address">Or open this address there</label>
              <input id="mute-address" readOnly />
            </div>
            <label htmlFor="mute-file">Add from a file</label>
            <input id="mute-file" type="file" accept=".json,application/json" />
          </section>
        </div>
        <script type="module" src="/mute-page.js" />
      </div>
    </Page>
  );
}
