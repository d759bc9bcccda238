import { isNotFound } from './api-error.js';

/** What a read brings, or undefined where there is no such object. @throws every other answer */
export const ifFound = async <T>(reading: Promise<T>): Promise<T | undefined> => {
  try {
    return await reading;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
};
