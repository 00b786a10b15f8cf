import { InvalidInputError } from '#contracts/errors';

export async function missing(): Promise<never> {
  throw new InvalidInputError('Not there yet.', { apiCode: 'NOT_IMPLEMENTED' });
}
