import { connection } from 'next/server';
import { mayReadMetrics } from '../../lib/serve/metrics-access.ts';
import { renderMetrics } from '../_metrics/registry.ts';

/** Prometheus' text format: with METRICS_TOKEN as bearer, or from this machine if none is set. */
export async function GET(request: Request): Promise<Response> {
  await connection();
  if (!mayReadMetrics(request.headers)) {
    return new Response('Metrics need the token in METRICS_TOKEN.\n', {
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="metrics"', 'content-type': 'text/plain' },
    });
  }
  const { body, type } = await renderMetrics();
  return new Response(body, { headers: { 'content-type': type, 'cache-control': 'no-store' } });
}
