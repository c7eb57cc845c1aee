export interface FolderListing {
  readonly body: string;
  readonly contentType: string;
}

/** A folder as the original shows it to browsers: a link for each file. */
export function folderListing(names: readonly string[]): FolderListing {
  const links = names.map((name) => `<a href="${encodeURI(name)}">${name}</a>\n`);
  return { body: `<pre>\n${links.join('')}</pre>\n`, contentType: 'text/html; charset=utf-8' };
}
