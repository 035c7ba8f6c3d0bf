/**
 * How the window is made into a PDF, in the words that the DevTools protocol and Electron share: paper and margins from
 * the page's own styles, no backgrounds (a dark window prints as a light one), real text, tags and outline.
 */
export const PRINT = {
  preferCSSPageSize: true,
  printBackground: false,
  generateTaggedPDF: true,
  generateDocumentOutline: true,
} as const
