/** Annotations that one part writes and another one shows. */

/** On services, where the proxy may not change the firewall: `80=127.0.0.1:40123,443=127.0.0.1:40124`. */
export const localPortsAnnotation = 'kubecfg.io/local-ports';

/** On nodes: metadata of the machine's own configuration, `disk=ssd,region=us-west`, as fleet writes it. */
export const metadataAnnotation = 'kubecfg.io/metadata';
