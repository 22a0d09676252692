import { STATUS_META } from '../../../lib/model/list-address.ts';
import { Page } from '../../_components/shell.tsx';

/** What a link shows that is cut, forged, too old, or of something that was deleted. */
export function BadLink({ why, next }: { why: string; next?: string }) {
  return (
    <Page
      section="alerts"
      head={
        <>
          <h1>This link does not work</h1>
          <p className="lede">{why}</p>
        </>
      }
    >
      {/* lib/serve/front.ts answers the page with this status. */}
      <meta name={STATUS_META} content="404" />
      <div className="list body">
        <p>
          {next ?? 'A mail program may have cut it: copy the whole of it into the address line.'} Or{' '}
          <a href="/alerts">ask for the alert again</a>.
        </p>
      </div>
    </Page>
  );
}
