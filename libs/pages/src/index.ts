export { APP_PAGE_POLICY } from './page-policy.js';
export { PagesModule } from './pages.module.js';
