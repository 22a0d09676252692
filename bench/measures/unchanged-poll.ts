import { dbPool } from '../../lib/db.ts';
import { POLLS_AT_ONCE_MAX, pollDueFeeds } from '../../workers/jobs/poll-feeds.ts';
import { FloorPoller } from '../floors/poll.ts';
import { type Measure, takeTurns } from '../measure.ts';
import { addDueFeeds, countPosts, makeDue, meter, withFarm } from '../polling.ts';

/** Polls in one turn: one alone is over too soon for the system's clock of CPU time. */
const POLLS_A_TURN = 4;

export const unchangedPoll: Measure = {
  name: 'unchanged-poll',
  about: 'many feeds that have nothing new: 304 to each request',
  run: (setting, say) =>
    withFarm(setting.feeds, say, async (house, farm) => {
      const floor = new FloorPoller(farm, await house.emptyDatabase('floor'), POLLS_AT_ONCE_MAX);
      const metered = meter(house, POLLS_A_TURN * farm.feeds);
      await house.freshDatabase();
      await addDueFeeds(farm);
      await pollDueFeeds();
      await floor.reset();
      await floor.pollAll();
      await dbPool().query('VACUUM ANALYZE');
      say('all feeds have been polled once');
      const repeat = async (poll: () => Promise<unknown>) => {
        for (let n = 0; n < POLLS_A_TURN; n++) await poll();
      };
      const ours = {
        name: 'a worker of Tagwire',
        run: () =>
          metered(() =>
            repeat(async () => {
              await makeDue();
              await pollDueFeeds();
            }),
          ),
      };
      const bare = {
        name: 'fetch, one update at the end',
        run: () => metered(() => repeat(() => floor.pollAll())),
      };
      try {
        const turns = await takeTurns({ ours, floor: bare }, setting.rounds, say);
        if ((await countPosts()) !== farm.posts) throw new Error('an unchanged poll changed posts');
        const notes = ['Ours claims each feed by itself and gives it back, so that workers share.'];
        return [
          {
            name: 'unchanged poll',
            work: `${farm.feeds} feeds, each answered with 304`,
            unit: 'ms a feed',
            ...turns,
            notes,
          },
        ];
      } finally {
        await floor.close();
      }
    }),
};
