/** How long ago or ahead, in words: "4 min". */
export function minutesWords(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000))
  if (minutes < 1) return 'less than a minute'
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`
}
