export { rememberedChecks } from '../../testing/checks.ts'

/** Words that cost nothing. */
export const noWords = (): Promise<readonly string[]> => Promise.resolve([])
