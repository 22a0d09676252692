import { Command } from 'commander';
import { config, describeConfig } from '../../lib/config.ts';

export const command = new Command('config')
  .description('print the settings in force, with secrets masked')
  .option('--json', 'as JSON')
  .addHelpText('after', '\nExample:\n  $ SITE_TITLE="Planet Kernel" bin/tagwire config')
  .action((options: { json?: boolean }) => {
    config(); // refuses bad values by name
    const settings = describeConfig();
    if (options.json) {
      console.log(JSON.stringify(settings, null, 2));
      return;
    }
    for (const [name, value] of Object.entries(settings)) console.log(`${name}=${value}`);
  });
