import { field } from '@fanin/contracts';
import { MetaAppConfig } from '@fanin/meta';

export class InstagramConfig extends MetaAppConfig {
  @field.text({
    description: 'Id of the Instagram professional account: GET /PAGE_ID?fields=instagram_business_account.',
    pattern: /^\d{5,30}$/,
    example: '17841402276019334',
  })
  instagram_id!: string;

  @field.oneOf(['facebook', 'instagram'], {
    description:
      'How the account was connected. `facebook`: through the Facebook Page it is linked to. `instagram`: by its own login (Business Login for Instagram).',
    optional: true,
    default: 'facebook',
  })
  login: 'facebook' | 'instagram' = 'facebook';

  @field.text({
    description: 'With login `facebook`: id of the Facebook Page that the Instagram account is linked to.',
    pattern: /^\d{5,30}$/,
    optional: true,
    example: '104857620015542',
  })
  page_id?: string;

  @field.text({
    description:
      'With login `facebook` the Page access token, with login `instagram` the long-lived token of the account.',
    secret: true,
    minLength: 16,
    maxLength: 1_024,
  })
  access_token!: string;
}
