/** Who owns the mailboxes, and the server when it is not started by root. */
export interface DovecotOwner {
  readonly uid: number;
  readonly gid: number;
  readonly user: string;
  readonly group: string;
  readonly isRoot: boolean;
}

export interface DovecotPlace {
  readonly dir: string;
  readonly port: number;
  readonly tlsPort: number;
  readonly password: string;
  readonly owner: DovecotOwner;
}

/** Started by a normal user, Dovecot can change neither its root directory nor its user. */
const ROOTLESS = (owner: DovecotOwner): string => `
default_internal_user = ${owner.user}
default_internal_group = ${owner.group}
default_login_user = ${owner.user}
service anvil {
  chroot =
}
service stats {
  chroot =
}
service imap-login {
  chroot =
}`;

/** dovecot.conf of a test (Dovecot 2.3): one password for everybody, Maildir, nothing outside the folder. */
export function dovecotConfig({ dir, port, tlsPort, password, owner }: DovecotPlace): string {
  return `
base_dir = ${dir}/run
state_dir = ${dir}/state
log_path = ${dir}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <${dir}/cert.pem
ssl_key = <${dir}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
mail_location = maildir:${dir}/mail/%u
mail_uid = ${owner.uid}
mail_gid = ${owner.gid}
first_valid_uid = 1
first_valid_gid = 1
passdb {
  driver = static
  args = password=${password}
}
userdb {
  driver = static
  args = uid=${owner.uid} gid=${owner.gid} home=${dir}/mail/%u
}
${owner.isRoot ? '' : ROOTLESS(owner)}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service imap-login {
  process_min_avail = 1
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = ${tlsPort}
    ssl = yes
  }
}
`;
}
