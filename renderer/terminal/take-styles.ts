/** Takes back what {@link takeStyles} did. */
type GiveBack = () => void

/**
 * xterm.js writes style elements and style attributes, which the window's policy refuses, and rightly so: what is parsed as style may
 * come from anywhere. Sheets and properties that a script sets by name are let through, since there nothing is parsed as markup.
 * So while a terminal is on the page, a style element that a script makes is such a sheet, and an element takes a style attribute as
 * such properties. Everything else of the page sets neither. (xterm.js has an option for a document of its own, and does not heed it everywhere.)
 */
export function takeStyles(page: Document): GiveBack {
  const sheets: CSSStyleSheet[] = []
  const create = page.createElement.bind(page)
  const createElement = (name: string, options?: ElementCreationOptions): HTMLElement => {
    if (name.toLowerCase() !== 'style') return withStyles(create(name, options))
    const sheet = new CSSStyleSheet()
    sheets.push(sheet)
    page.adoptedStyleSheets = [...page.adoptedStyleSheets, sheet]
    return sheetElement(create('span'), sheet)
  }
  const stopTaking = taking(page, createElement)
  return () => {
    stopTaking()
    page.adoptedStyleSheets = page.adoptedStyleSheets.filter((one) => !sheets.includes(one))
  }
}

type CreateElement = (name: string, options?: ElementCreationOptions) => HTMLElement

/** Of several terminals on a page, the one that came last makes elements for all: they differ in nothing but whose sheets they are. */
const takers: CreateElement[] = []

function taking(page: Document, createElement: CreateElement): GiveBack {
  takers.push(createElement)
  const follow = (): void => {
    const last = takers.at(-1)
    if (last === undefined) Reflect.deleteProperty(page, 'createElement')
    else Object.defineProperty(page, 'createElement', { configurable: true, value: last })
  }
  follow()
  return () => {
    takers.splice(takers.indexOf(createElement), 1)
    follow()
  }
}

/** An element that is not shown and whose text is a sheet's. */
function sheetElement(element: HTMLElement, sheet: CSSStyleSheet): HTMLElement {
  let text = ''
  element.hidden = true
  Object.defineProperty(element, 'textContent', {
    get: () => text,
    set: (given: string) => {
      text = given
      sheet.replaceSync(given)
    },
  })
  return element
}

function withStyles(element: HTMLElement): HTMLElement {
  const setAttribute = element.setAttribute.bind(element)
  element.setAttribute = (name, value) => {
    if (name === 'style') element.style.cssText = value
    else setAttribute(name, value)
  }
  return element
}
