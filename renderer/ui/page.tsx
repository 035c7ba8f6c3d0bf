import { createContext, type ReactNode, useContext, useEffect, useRef } from 'react'

/** What is shown under the headline of every screen, such as notes; nothing where nobody says otherwise. */
export const UnderHeadline = createContext<ReactNode>(null)

/**
 * A screen: its headline says where things stand. When the screen appears it is scrolled to its beginning and the headline
 * takes the focus, so that it is seen and heard first.
 */
export function Page({ headline, children }: { readonly headline: string; readonly children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    // What was scrolled to on the screen before is nothing on this one.
    scrollTo({ top: 0, behavior: 'instant' })
    heading.current?.focus({ preventScroll: true })
  }, [])
  const under = useContext(UnderHeadline)
  return (
    <div className="page">
      <h1 ref={heading} tabIndex={-1}>
        {headline}
      </h1>
      {under}
      {children}
    </div>
  )
}

/** A part of a screen with its own heading. */
export function Section({
  title,
  aside,
  children,
}: {
  readonly title: string
  readonly aside?: ReactNode
  readonly children: ReactNode
}) {
  return (
    <section className="stack" aria-label={title}>
      <div className="row-between">
        <h2>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  )
}
