import { readEmailAddress } from '../../lib/alerts/email-address.ts';
import { config } from '../../lib/config.ts';
import { log } from '../../lib/log.ts';
import { buildNoticesMail } from '../../lib/store/notices.ts';
import { endSilentOutage } from '../../lib/store/outages.ts';

/** OPERATOR_CONTACT as a mail address, also from `Name <address>` and `mailto:`, if it is one. */
export function operatorAddress(): string | undefined {
  const contact = config().operatorContact?.trim() ?? '';
  const address = /<([^<>]*)>$/u.exec(contact)?.[1] ?? contact.replace(/^mailto:/iu, '');
  return readEmailAddress(address)?.email;
}

/**
 * Has the operator mailed what they have not been told by mail, if they can be. Where they cannot,
 * /admin and the command line tell it.
 */
export async function mailNotices(): Promise<void> {
  await endSilentOutage();
  if (operatorAddress() === undefined) return;
  const notices = await buildNoticesMail();
  if (notices > 0) log.info('notices.mailed', { notices });
}
