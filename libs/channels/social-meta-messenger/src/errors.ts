import { graphFault } from '@fanin/meta';

/** What a call of the Graph API throws, as a code of ours. */
export const translate = graphFault;
