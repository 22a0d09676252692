import { config } from '../config.ts';
import { isFromThisMachine } from './own-calls.ts';
import { isSameSecret } from './secrets.ts';

/** Whether a request may read /metrics. */
export function mayReadMetrics(headers: Headers): boolean {
  const { metricsToken } = config();
  if (metricsToken === undefined) return isFromThisMachine(headers);
  const bearer = /^Bearer\s+(\S+)\s*$/iu.exec(headers.get('authorization') ?? '');
  return isSameSecret(bearer?.[1] ?? '', metricsToken);
}
