import { type Tx, transaction } from '../db.ts';

const DEADLOCK = '40P01';
const ATTEMPTS_MAX = 4;

/**
 * Runs `work` in a transaction, and again when it met another in a circle: a poll writes the same
 * posts and counts the same tags, in its own order.
 */
export async function transactionAgain<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction(work);
    } catch (error) {
      if ((error as { code?: string }).code !== DEADLOCK || attempt === ATTEMPTS_MAX) throw error;
    }
  }
}
