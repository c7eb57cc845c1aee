/** /logs/: the logs of this process. */
import { noSuchResource } from '../../api/status.ts';
import { folderListing } from '../../async/folder-listing.ts';
import { type LogFiles, logNames, readLogFile } from '../../async/log-files.ts';
import type { Discovery } from '../discovery.ts';

export function addLogs(discovery: Discovery, logs: LogFiles): void {
  discovery.add('/logs/', async (path) => {
    const name = path.slice('/logs/'.length);
    if (name === '') return folderListing(logNames(logs));
    const body = await readLogFile(logs, name);
    if (!body) throw noSuchResource();
    return { body };
  });
}
