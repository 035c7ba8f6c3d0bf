import { afterEach, describe, expect, it } from 'vitest'
import { takeStyles } from './take-styles.ts'

const before = document.adoptedStyleSheets
afterEach(() => {
  document.body.replaceChildren()
})

describe('styles of a terminal', () => {
  it('become sheets of the page, and no style element is ever there', () => {
    const giveBack = takeStyles(document)
    const style = document.createElement('style')
    document.body.append(style)
    style.textContent = '.cell { color: red }'
    style.textContent = '.cell { color: blue }'
    expect(document.querySelectorAll('style')).toHaveLength(0)
    expect(document.adoptedStyleSheets).toHaveLength(before.length + 1)
    expect(style.textContent).toBe('.cell { color: blue }')
    giveBack()
    expect(document.adoptedStyleSheets).toHaveLength(before.length)
  })

  it('are left to the page again when the last terminal is gone, in whatever order they go', () => {
    const isTaken = () => Object.hasOwn(document, 'createElement')
    expect(isTaken()).toBe(false)
    const [first, second] = [takeStyles(document), takeStyles(document)]
    first()
    expect(isTaken()).toBe(true)
    second()
    expect(isTaken()).toBe(false)
    expect(document.createElement('style').tagName).toBe('STYLE')
  })
})
