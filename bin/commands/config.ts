import { Command } from 'commander';
import { config, describeConfig } from '../../lib/config.ts';
import { readRun } from '../../lib/embedded/run-file.ts';

export const command = new Command('config')
  .description('print the settings of this shell and the defaults, with secrets masked')
  .option('--json', 'as JSON')
  .addHelpText(
    'after',
    '\nServers whose address is empty are embedded ones.\n\n' +
      'Example:\n  $ SITE_TITLE="Planet Kernel" bin/tagwire config',
  )
  .action((options: { json?: boolean }) => {
    config(); // refuses bad values by name
    const settings = describeConfig();
    if (options.json) {
      console.log(JSON.stringify(settings, null, 2));
      return;
    }
    for (const [name, value] of Object.entries(settings)) console.log(`${name}=${value}`);
    const run = readRun(config().dataDir);
    if (run === undefined) return;
    process.stderr.write(
      `tagwire: \`${run.what}\` runs on this data folder (process ${run.pid}) with settings of ` +
        'its own; other commands use its servers.\n',
    );
  });
