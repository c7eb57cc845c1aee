import Get from './get.ts';

/** kubecfg's word for what kubectl calls get; `/pods` and `-l`, `-fields`, `-json` work as they did. */
export default class List extends Get {
  static override summary = 'Show objects, by the older word for get';
  static override examples = [
    '<%= config.bin %> list pods',
    '<%= config.bin %> -json list /pods',
    '<%= config.bin %> -l name=web list pods',
  ];
}
