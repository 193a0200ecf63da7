import twilio from 'twilio';
import type RequestClient from 'twilio/lib/base/RequestClient.js';

/** The SDK's own HTTP client, with every address moved behind the simulator's: `<simulator>/<vendor's host><path>`. */
export class SimulatedRequestClient extends twilio.RequestClient {
  constructor(private readonly simulatorUrl: string) {
    super({ timeout: 5000 });
  }

  override request<TData>(options: RequestClient.RequestOptions<TData>) {
    return super.request<TData>({ ...options, uri: options.uri.replace(/^https:\/\//, `${this.simulatorUrl}/`) });
  }
}
