import { field } from '@fanin/contracts';
import { MetaAppConfig } from '@fanin/meta';

export class MessengerConfig extends MetaAppConfig {
  @field.text({
    description: 'Id of the Facebook Page: Page → About → Page transparency, or GET /me with its token.',
    pattern: /^\d{5,30}$/,
    example: '104857620015542',
  })
  page_id!: string;

  @field.text({
    description: 'Page access token, best one that does not expire (made by a system user).',
    secret: true,
    minLength: 16,
    maxLength: 1_024,
  })
  access_token!: string;
}
