import { ATTRIBUTES } from '../../../lib/model/policy/policy.ts';
import { POLICY_CHARACTERS_MAX } from '../../../lib/model/policy/read-policy.ts';
import { FaultPlace } from '../../_components/query-fault.tsx';

interface PolicyProps {
  policy: string;
  /** What is wrong with the policy, in words. */
  policyFault: { message: string; at: number } | undefined;
  /** The policy in words. */
  described: string | undefined;
}

interface Props extends PolicyProps {
  webhook: string;
  webhookFault: string | undefined;
}

const EXAMPLE = '{"tag": ["architecture"], "words": [{"numeric": [">=", 300]}]}';

/** A filter policy, with what is wrong with it or what it says. */
export function PolicyField({ policy, policyFault, described }: PolicyProps) {
  return (
    <div className="field">
      <label htmlFor="p">Filter policy</label>
      <p className="help" id="ph">
        Instead of words or beside them, in the syntax of message brokers: <code>{EXAMPLE}</code>.
        Posts have {Object.keys(ATTRIBUTES).join(', ')}.
      </p>
      <textarea
        id="p"
        name="policy"
        rows={4}
        defaultValue={policy}
        maxLength={POLICY_CHARACTERS_MAX}
        aria-describedby={policyFault === undefined ? 'ph' : 'ph pf'}
        aria-invalid={policyFault === undefined ? undefined : true}
        autoCapitalize="none"
        spellCheck={false}
      />
      {policyFault === undefined ? null : (
        <div className="err shown" id="pf">
          <p>{policyFault.message}</p>
          <FaultPlace query={policy} at={policyFault.at} />
        </div>
      )}
      {described === undefined ? null : (
        <p className="help" role="status">
          It lets through {described}.
        </p>
      )}
    </div>
  );
}

/** For programs and those who write them; open only when something stands in it. */
export function MoreWays({ policy, policyFault, described, webhook, webhookFault }: Props) {
  const isOpen = policy !== '' || webhook !== '' || policyFault !== undefined;
  return (
    <details className="field more" open={isOpen}>
      <summary>More ways: a filter policy, a webhook</summary>
      <PolicyField policy={policy} policyFault={policyFault} described={described} />
      <div className="field">
        <label htmlFor="wu">Webhook</label>
        <p className="help" id="wuh">
          Each post is also sent to this address at once, signed after the Standard Webhooks
          specification. It is tested when you confirm.
        </p>
        <input
          id="wu"
          name="webhook"
          type="url"
          defaultValue={webhook}
          autoComplete="off"
          placeholder="https://"
          aria-describedby={webhookFault === undefined ? 'wuh' : 'wuh wuf'}
          aria-invalid={webhookFault === undefined ? undefined : true}
        />
        {webhookFault === undefined ? null : (
          <p className="err shown" id="wuf">
            {webhookFault}
          </p>
        )}
      </div>
    </details>
  );
}
