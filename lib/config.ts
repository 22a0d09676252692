import { isIP } from 'node:net';
import path from 'node:path';
import { z } from 'zod';
import { TagwireError } from './errors.ts';
import { readMailboxAddress } from './model/mailbox-address.ts';

/**
 * The checkout: where package.json, prisma/ and .next/ are. In Next's bundle a module has no
 * place of its own; Next is always started in the checkout.
 */
export const ROOT =
  (import.meta.dirname as string | undefined) === undefined
    ? process.cwd()
    : path.resolve(import.meta.dirname, '..');

const DEFAULT_PORT = 4000;
const DEFAULT_HOST_DELAY_MS = 2000;
const DEFAULT_PICTURES_CACHE_MB = 1024;

const url = (protocols: string[]) =>
  z.string().refine(
    (text) => {
      return URL.canParse(text) && protocols.includes(new URL(text).protocol);
    },
    `must be an address that starts with ${protocols.map((p) => `${p}//`).join(' or ')}`,
  );

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/u, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((n) => n >= min && n <= max, `must be a whole number from ${min} to ${max}`);

/** Browsers, and fetch itself, ask nothing of these (fetch.spec.whatwg.org, 2.10 "bad port"). */
const BLOCKED_PORTS = new Set([
  1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102,
  103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465,
  512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993,
  995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668,
  6669, 6679, 6697, 10080,
]);

const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, { error: `must be one of ${values.join(', ')}` });

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);

/** An address, or a range in CIDR form. */
function isRange(text: string): boolean {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/u.exec(text) ?? [];
  const version = address.includes('%') ? 0 : isIP(address);
  return version !== 0 && Number(bits ?? 0) <= (version === 4 ? 32 : 128);
}

const cidrs = list.refine(
  (parts) => parts.every(isRange),
  'must be ranges like 127.0.0.0/8, separated by commas',
);

const timezone = z.string().refine((name) => {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}, 'must be a time zone name like Europe/Vienna');

const SENDER = 'must be a sender like Planet <alerts@example.org>';

/** Every setting, with its name in the environment. INTERFACE of the operator: docs/operating.md */
const SETTINGS = z.object({
  DATABASE_URL: url(['postgresql:', 'postgres:']).optional(),
  MEILI_URL: url(['http:', 'https:']).optional(),
  MEILI_KEY: z.string().optional(),
  MEILI_INDEX: z
    .string()
    .regex(/^[\w-]{1,64}$/u, 'must be letters, digits, - and _')
    .default('posts'),
  SMTP_URL: url(['smtp:', 'smtps:']).optional(),
  SITE_URL: url(['http:', 'https:']).optional(),
  SITE_TITLE: z.string().max(80, 'must be at most 80 characters').default('Tagwire'),
  SITE_TIMEZONE: timezone.default('UTC'),
  SITE_SECRET: z.string().min(32, 'must be at least 32 characters').optional(),
  ADMIN_PASSWORD: z.string().min(8, 'must be at least 8 characters').optional(),
  MAIL_FROM: z
    .string()
    .regex(/^[^<>]*<[^\s@<>]+@[^\s@<>]+>$|^[^\s@<>]+@[^\s@<>]+$/u, SENDER)
    .default('Tagwire <alerts@localhost>'),
  MAIL_BOUNCES: z
    .email('must be a mail address like bounces@example.org')
    // What is put behind it must fit into the 64 characters of RFC 5321, 4.5.3.1.1.
    .regex(/^[^@+]{1,36}@/u, 'must have at most 36 characters and no + before its @')
    .optional(),
  MAIL_BOUNCES_URL: z
    .string()
    .refine(
      (text) => readMailboxAddress(text) !== undefined,
      'must be an address like imaps://user:password@host/INBOX, in which % and a number stand ' +
        'for other signs in user, password and folder (%40 for @)',
    )
    .optional(),
  MAIL_DKIM_KEY_FILE: z.string().optional(),
  MAIL_DKIM_SELECTOR: z
    .string()
    .regex(/^[a-z0-9-]{1,63}$/u, 'must be lower-case letters, digits and -')
    .default('tagwire'),
  OPERATOR_CONTACT: z.string().optional(),
  PORT: wholeNumber(0, 65535)
    .refine((port) => !BLOCKED_PORTS.has(port), 'must be another one: browsers block it')
    .optional(),
  BIND: z.string().default('127.0.0.1'),
  TRUST_PROXY: cidrs.default([]),
  WORKER_PORT: wholeNumber(0, 65535).optional(),
  METRICS_TOKEN: z.string().min(16, 'must be at least 16 characters').optional(),
  FETCH_HOST_DELAY_MS: wholeNumber(0, 600_000).default(DEFAULT_HOST_DELAY_MS),
  FETCH_HOST_CONCURRENCY: wholeNumber(1, 64).default(1),
  FETCH_ALLOW: cidrs.default([]),
  WEBSUB_HUB: url(['http:', 'https:']).optional(),
  PICTURES: oneOf(['proxy', 'direct', 'off']).default('proxy'),
  PICTURES_CACHE_MB: wholeNumber(1, 10_000_000).default(DEFAULT_PICTURES_CACHE_MB),
  TAGWIRE_DATA: z.string().default(path.join(ROOT, 'data')),
  FEEDS_FILE: z.string().default(path.join(ROOT, 'feeds.opml')),
  LOG_LEVEL: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  TAGWIRE_DEMO: oneOf(['0', '1']).default('0'),
  MAIL_CATCHER_URL: url(['http:']).optional(),
});

export type SettingName = keyof typeof SETTINGS.shape;

/** What is in force. Names say units; undefined means that the part is embedded or switched off. */
export type Config = Readonly<ReturnType<typeof readConfig>>;

const SECRET_SETTINGS: ReadonlySet<string> = new Set([
  'SITE_SECRET',
  'ADMIN_PASSWORD',
  'MEILI_KEY',
  'METRICS_TOKEN',
]);

/**
 * Reads all settings from an environment. An empty variable counts as unset.
 * @throws TagwireError naming every bad variable and what it must be.
 */
export function readConfig(env: Record<string, string | undefined>) {
  const given = Object.fromEntries(
    Object.keys(SETTINGS.shape).flatMap((name) => (env[name] ? [[name, env[name]]] : [])),
  );
  const parsed = SETTINGS.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      const shown = SECRET_SETTINGS.has(name)
        ? '(hidden)'
        : JSON.stringify(maskPassword(env[name] ?? ''));
      return `${name} is ${shown}: it ${issue.message}`;
    });
    const [one, ...others] = faults;
    throw new TagwireError(
      others.length === 0
        ? `A setting cannot be used: ${one}.`
        : `Settings cannot be used:${faults.map((fault) => `\n  ${fault}.`).join('')}`,
      'Correct or unset what is named in the environment, and start again.',
    );
  }
  const s = parsed.data;
  const port = s.PORT ?? DEFAULT_PORT;
  return Object.freeze({
    databaseUrl: s.DATABASE_URL,
    meiliUrl: s.MEILI_URL,
    meiliKey: s.MEILI_KEY,
    /** Lets several sites share one Meilisearch. */
    meiliIndex: s.MEILI_INDEX,
    smtpUrl: s.SMTP_URL,
    /** Without a slash at the end. */
    siteUrl: (s.SITE_URL ?? `http://127.0.0.1:${port}`).replace(/\/+$/u, ''),
    siteTitle: s.SITE_TITLE,
    siteTimezone: s.SITE_TIMEZONE,
    siteSecret: s.SITE_SECRET,
    adminPassword: s.ADMIN_PASSWORD,
    mailFrom: s.MAIL_FROM,
    /** Where mails that cannot be delivered go, each with a suffix of its own. */
    mailBounces: s.MAIL_BOUNCES,
    /** The mailbox in which they and complaints arrive, to be read by workers. */
    mailBouncesUrl: s.MAIL_BOUNCES_URL,
    /** Without it, mails are not signed here. */
    mailDkimKeyFile: s.MAIL_DKIM_KEY_FILE && path.resolve(s.MAIL_DKIM_KEY_FILE),
    mailDkimSelector: s.MAIL_DKIM_SELECTOR,
    operatorContact: s.OPERATOR_CONTACT,
    port,
    portIsGiven: s.PORT !== undefined,
    bind: s.BIND,
    trustProxy: s.TRUST_PROXY,
    workerPort: s.WORKER_PORT,
    metricsToken: s.METRICS_TOKEN,
    fetchHostDelayMs: s.FETCH_HOST_DELAY_MS,
    fetchHostConcurrency: s.FETCH_HOST_CONCURRENCY,
    fetchAllow: s.FETCH_ALLOW,
    /** The hub that our lists name and workers tell of their changes. */
    websubHub: s.WEBSUB_HUB,
    /** Whether pictures of posts come through us, from their publishers, or not at all. */
    pictures: s.PICTURES,
    /** Room on disk for pictures, in each `dataDir`. */
    picturesCacheMb: s.PICTURES_CACHE_MB,
    dataDir: path.resolve(s.TAGWIRE_DATA),
    feedsFile: path.resolve(s.FEEDS_FILE),
    logLevel: s.LOG_LEVEL,
    demo: s.TAGWIRE_DEMO === '1',
    /** Where the embedded mail catcher shows its messages; set by `up`. */
    mailCatcherUrl: s.MAIL_CATCHER_URL,
  });
}

let current: Config | undefined;

/** The configuration of this process, read once. @throws TagwireError as readConfig does. */
export function config(): Config {
  current ??= readConfig(process.env);
  return current;
}

/** Gives this process settings that were found out at run time, as embedded servers' addresses. */
export function provideSettings(settings: Partial<Record<SettingName, string>>): void {
  Object.assign(process.env, settings);
  current = undefined;
}

/** Whether the environment sets this, rather than a default. */
export const isGiven = (name: SettingName): boolean => Boolean(process.env[name]);

/** Whether npm started this process (`npm run demo`). */
export const isUnderNpm = (): boolean => process.env.npm_lifecycle_event !== undefined;

/** The environment for a child process: ours, with these settings. */
export function childEnvironment(
  settings: Partial<
    Record<SettingName | 'NEXT_TELEMETRY_DISABLED' | 'RELEVANCE_CORPUS', string>
  > & {
    NODE_ENV?: 'production';
  },
): NodeJS.ProcessEnv {
  return { ...process.env, ...settings } as NodeJS.ProcessEnv;
}

/** Every setting as the operator may see it: names, values in force, secrets masked. */
export function describeConfig(): Record<SettingName, string> {
  const values = SETTINGS.parse(
    Object.fromEntries(
      Object.keys(SETTINGS.shape).flatMap((name) =>
        process.env[name] ? [[name, process.env[name]]] : [],
      ),
    ),
  ) as Record<SettingName, unknown>;
  const { port, siteUrl } = config();
  Object.assign(values, { PORT: port, SITE_URL: siteUrl });
  return Object.fromEntries(
    Object.keys(SETTINGS.shape).map((name) => [
      name,
      maskSetting(name, values[name as SettingName]),
    ]),
  ) as Record<SettingName, string>;
}

function maskSetting(name: string, value: unknown): string {
  if (value === undefined) return '';
  if (SECRET_SETTINGS.has(name)) return '********';
  return maskPassword(Array.isArray(value) ? value.join(',') : String(value));
}

/**
 * A password inside an address is a secret as well, also of an address that is refused: up to the
 * last @, because user and password may have one of their own that nobody has encoded.
 */
const maskPassword = (text: string): string =>
  text.replace(/^([a-z][a-z\d+.-]*:\/\/[^:/]*):.*@/isu, '$1:********@');

/** Has libraries that know a slower way for their own developers (React) take the other one. */
export function preferProduction(): void {
  Object.assign(process.env, { NODE_ENV: process.env.NODE_ENV ?? 'production' });
}

/** Names the fonts that sharp may draw with, a file of fontconfig, before it draws the first text. */
export function nameFonts(file: string): void {
  process.env.FONTCONFIG_FILE = file;
}
