/** The journal's tables of accepted statements, of what is left of those that were pruned, and of the pin. */
export const [STATEMENTS, STUBS, PIN] = ['statement', 'stub', 'pin'] as const
