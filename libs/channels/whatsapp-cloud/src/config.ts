import { field } from '@fanin/contracts';
import { MetaAppConfig } from '@fanin/meta';

export class WhatsappConfig extends MetaAppConfig {
  @field.text({
    description: 'Id of the phone number (not the number itself): App dashboard → WhatsApp → API setup.',
    pattern: /^\d{5,30}$/,
    example: '106540352242922',
  })
  phone_number_id!: string;

  @field.text({
    description: 'Token of a system user that may use the WhatsApp Business account.',
    secret: true,
    minLength: 16,
    maxLength: 1_024,
  })
  access_token!: string;
}
