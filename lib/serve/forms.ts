/** Pages of alerts that also take a form at their own address. */
const FORM_PAGE = /^\/alerts(\/(confirm|manage|unsubscribe|quiet|never)\/[^/?]+)?(?=$|\?)/u;

/**
 * One address shows a page and takes its form, but in Next a page and a route cannot share one:
 * what is sent to such a page goes to its route below /forms.
 */
export function formTarget(method: string, target: string): string {
  return method === 'POST' && FORM_PAGE.test(target) ? `/forms${target}` : target;
}
