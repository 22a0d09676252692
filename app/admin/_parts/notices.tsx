import { type Notice, writeNotice } from '../../../lib/model/notice.ts';
import { shortTime } from './times.ts';

interface Props {
  notices: Notice[];
  timeZone: string;
  now: Date;
}

/** What the operator was told, what is still so first. */
export function NoticeList({ notices, timeZone, now }: Props) {
  const time = (iso: string) => shortTime(iso, timeZone, now);
  return (
    <ul className="wrong">
      {notices.map((notice) => {
        const { heading, what, next, commands } = writeNotice(notice, time);
        const isOpen = notice.endedAt === null;
        return (
          <li key={notice.id}>
            <b className={isOpen ? 'bad' : undefined}>{heading}</b>
            <span>
              {what} {isOpen && next}
              {isOpen && commands.map((command) => <code key={command}>{command}</code>)}
            </span>
            <time className="q" dateTime={notice.createdAt}>
              {time(notice.createdAt)}
            </time>
          </li>
        );
      })}
    </ul>
  );
}
