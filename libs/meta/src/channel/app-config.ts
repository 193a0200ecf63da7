import { field } from '@fanin/contracts';

/** What every channel of Meta's needs of an app. */
export class MetaAppConfig {
  @field.text({
    description: 'Id of your app: App dashboard → App settings → Basic.',
    pattern: /^\d{5,30}$/,
    example: '821904350119287',
  })
  app_id!: string;

  @field.text({
    description: 'Secret of that app, from the same page. It signs every webhook and proves every call.',
    secret: true,
    minLength: 16,
    maxLength: 128,
  })
  app_secret!: string;

  @field.text({
    description: 'The secret before, while you change it: both are accepted. Take it out when the change is done.',
    secret: true,
    optional: true,
    advanced: true,
    minLength: 16,
    maxLength: 128,
  })
  previous_app_secret?: string;

  @field.text({
    description: 'A word of your choosing; enter the same one beside the callback URL at Meta’s side.',
    secret: true,
    minLength: 8,
    maxLength: 256,
  })
  verify_token!: string;

  @field.text({
    description: 'Version of the Graph API that is called. Meta ends a version about two years after it came.',
    pattern: /^v\d{1,3}\.\d{1,2}$/,
    optional: true,
    advanced: true,
    default: 'v25.0',
  })
  graph_version: string = 'v25.0';

  @field.text({
    description:
      'Leads the calls elsewhere: a proxy (https), or a simulator on this machine (http). Meta’s own address when absent.',
    maxLength: 255,
    optional: true,
    advanced: true,
    example: 'http://127.0.0.1:4020',
  })
  api_url?: string;

  @field.number({
    description: 'Most calls of the Graph API a second, all of this account together.',
    minimum: 0.1,
    maximum: 1_000,
    optional: true,
    advanced: true,
    default: 20,
  })
  calls_per_second: number = 20;
}

/** Newest first. */
export function appSecretsOf(config: MetaAppConfig): readonly string[] {
  const { app_secret: current, previous_app_secret: previous } = config;
  return previous === undefined || previous === current ? [current] : [current, previous];
}
