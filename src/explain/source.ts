/**
 * Where rules and warnings come from: a `source` cites sections of the pages of docs/reference,
 * `docs/reference/NAME.md §N, §M`.
 */

const CITATION = /docs\/reference\/([a-z-]+)\.md(?: §(\d+(?:\.\d+)*))?|§(\d+(?:\.\d+)*)/g;

/** A section of a page of docs/reference. Without a section: the whole page. */
export interface Citation {
  /** Without folder and `.md`. */
  readonly page: string;
  readonly section?: string | undefined;
}

/**
 * The source with each citation as `show` writes it. A section without a page is one of the page before it; one that
 * follows no page stays as it is.
 *
 * @param show - gets the citation and whether its page is named here for the first time
 */
export const mapCitations = (source: string, show: (citation: Citation, isNewPage: boolean) => string): string => {
  let current: string | undefined;
  return source.replace(
    CITATION,
    (whole, page: string | undefined, section: string | undefined, bare: string | undefined) => {
      current = page ?? current;
      return current === undefined ? whole : show({ page: current, section: section ?? bare }, page !== undefined);
    },
  );
};

const anchorOf = ({ page, section }: Citation): string => `${page}.md${section === undefined ? '' : `#${section}`}`;

/** For pages in docs/: `[admission §6.6](reference/admission.md#6.6), [§7.3](reference/admission.md#7.3)`. */
export const sourceLinks = (source: string): string =>
  mapCitations(source, (citation, isNewPage) => {
    const label = [isNewPage ? citation.page : '', citation.section === undefined ? '' : `§${citation.section}`];
    return `[${label.filter((part) => part !== '').join(' ')}](reference/${anchorOf(citation)})`;
  });

/** For a terminal: `docs/reference/admission.md#6.6, #7.3`. */
export const sourceAnchors = (source: string): string =>
  mapCitations(source, (citation, isNewPage) =>
    isNewPage ? `docs/reference/${anchorOf(citation)}` : `#${citation.section ?? ''}`,
  );
