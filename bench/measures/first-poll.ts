import { dbPool } from '../../lib/db.ts';
import { POLLS_AT_ONCE_MAX, pollDueFeeds } from '../../workers/jobs/poll-feeds.ts';
import { FloorPoller } from '../floors/poll.ts';
import { type Measure, takeTurns } from '../measure.ts';
import { addDueFeeds, countPosts, meter, withFarm } from '../polling.ts';

const ROUNDS_MAX = 3; // each takes seconds

export const firstPoll: Measure = {
  name: 'first-poll',
  about: 'many new feeds, polled for the first time, until their posts are stored',
  run: (setting, say) =>
    withFarm(setting.feeds, say, async (house, farm) => {
      const floor = new FloorPoller(farm, await house.emptyDatabase('floor'), POLLS_AT_ONCE_MAX);
      const metered = meter(house, farm.posts);
      const expect = (posts: number) => {
        if (posts !== farm.posts) throw new Error(`${posts} of ${farm.posts} posts were stored`);
      };
      await floor.reset();
      try {
        const turns = await takeTurns(
          {
            ours: {
              name: 'a worker of Tagwire',
              async run() {
                await house.freshDatabase();
                await addDueFeeds(farm);
                await dbPool().query('ANALYZE');
                await house.settle();
                const cost = await metered(pollDueFeeds);
                expect(await countPosts());
                return cost;
              },
            },
            floor: {
              name: 'fetch, rss-parser, one insert a feed',
              async run() {
                await floor.reset();
                await house.settle();
                return metered(async () => expect(await floor.pollAll()));
              },
            },
            beside: [
              {
                name: 'the floor, with an index of the words',
                async run() {
                  await floor.reset({ words: true });
                  await house.settle();
                  return metered(async () => expect(await floor.pollAll()));
                },
              },
              { name: 'fetch alone', run: () => metered(() => floor.fetchAll()) },
            ],
          },
          Math.min(setting.rounds, ROUNDS_MAX),
          say,
        );
        const work = `${farm.feeds} feeds, ${farm.posts} posts, ${farm.megabytes.toFixed(0)} MB`;
        return [
          {
            name: 'first poll',
            work,
            unit: 'ms a post',
            ...turns,
            notes: [
              'Ours also guards, claims, repairs, sanitises, finds posts that several feeds ' +
                'carry, and writes tags, authors, words, caches and jobs.',
              `CPU is this process with its threads, and Postgres.`,
            ],
          },
        ];
      } finally {
        await floor.close();
      }
    }),
};
