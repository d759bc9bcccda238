import { ApiStatusError } from './status.js';

/** What a read brings, or undefined where there is no such object. @throws every other answer */
export const ifThere = async <Content>(answer: Promise<Content>): Promise<Content | undefined> => {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiStatusError && error.code === 404) return undefined;
    throw error;
  }
};
