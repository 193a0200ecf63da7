import { invalidParameter } from '../errors.js';
import type { Account, Person, Post } from '../model.js';
import type { Stage } from '../stage.js';
import { listComments } from './comments.js';
import { graphTime, nextPage, page, parseFields, project } from './fields.js';
import type { FieldWish, NodeFields } from './fields.js';
import { textParam } from './request.js';
import type { GraphCallContext } from './request.js';

/** GET /{page-id}, GET /{ig-id}, GET /{phone-number-id}. */
export function readAccount(stage: Stage, call: GraphCallContext, account: Account): unknown {
  const usual = { page: 'name', instagram: 'id', phone: 'verified_name,display_phone_number,quality_rating' }[
    account.kind
  ];
  return project(accountNode(stage, call, account), parseFields(textParam(call, 'fields') ?? usual));
}

function accountNode(stage: Stage, call: GraphCallContext, account: Account): NodeFields {
  if (account.kind === 'phone') return phoneNode(account);
  if (account.kind === 'instagram') return instagramNode(stage, call, account);
  const linked = stage.registry.linkedInstagram(account.id);
  const instagram = linked === undefined ? undefined : { id: linked.id, username: linked.instagram?.username };
  return {
    id: account.id,
    name: account.name,
    username: undefined,
    category: 'Shopping & retail',
    link: `https://www.facebook.com/${account.id}`,
    access_token: account.page?.accessToken,
    instagram_business_account: (wish: FieldWish) => narrowed(instagram, wish),
    connected_instagram_account: (wish: FieldWish) => narrowed(instagram, wish),
    picture: { data: { url: stage.links.profilePicture(account, account.id) } },
    tasks: ['MESSAGING', 'MODERATE', 'MANAGE'],
  };
}

/** Only the id comes unless more is asked for. */
function narrowed(value: Record<string, unknown> | undefined, wish: FieldWish): unknown {
  if (value === undefined) return undefined;
  return wish.children === undefined ? { id: value['id'] } : value;
}

export function phoneNode(account: Account): NodeFields {
  return {
    id: account.id,
    verified_name: account.phone?.verifiedName,
    display_phone_number: account.phone?.displayNumber,
    quality_rating: 'GREEN',
    code_verification_status: 'VERIFIED',
    name_status: 'APPROVED',
    platform_type: 'CLOUD_API',
    throughput: { level: 'STANDARD' },
    status: 'CONNECTED',
  };
}

function instagramNode(stage: Stage, call: GraphCallContext, account: Account): NodeFields {
  return {
    id: account.id,
    user_id: account.id,
    username: account.instagram?.username,
    name: account.name,
    account_type: 'BUSINESS',
    profile_picture_url: stage.links.profilePicture(account, account.id),
    mentioned_comment: (wish: FieldWish) => mentionedComment(stage, account, wish),
    mentioned_media: (wish: FieldWish) => mentionedMedia(stage, call, account, wish),
  };
}

/** `mentioned_comment.comment_id(…){text,username,timestamp,media}`: what the webhook left out. */
function mentionedComment(stage: Stage, account: Account, wish: FieldWish): unknown {
  const comment = stage.world.comments.get(wish.args['comment_id'] ?? '');
  if (comment?.accountId !== account.id || comment.removed) throw invalidParameter('Invalid comment_id parameter');
  const node = {
    id: comment.id,
    text: comment.text,
    timestamp: graphTime(comment.at),
    username: comment.fromName,
    like_count: 0,
    media: { id: comment.postId },
  };
  return project(node, wish.children ?? parseFields('timestamp,text'));
}

function mentionedMedia(stage: Stage, call: GraphCallContext, account: Account, wish: FieldWish): unknown {
  const post = stage.world.posts.get(wish.args['media_id'] ?? '');
  if (post?.accountId !== account.id || post.owner === undefined) throw invalidParameter('Invalid media_id parameter');
  return project(postNode(stage, call, account, post), wish.children ?? parseFields('timestamp,caption'));
}

/** GET /{post-id}, GET /{ig-media-id}. */
export function readPost(stage: Stage, call: GraphCallContext, post: Post): unknown {
  const account = stage.registry.account(post.accountId);
  const usual = account.kind === 'page' ? 'created_time,message' : 'id';
  return project(postNode(stage, call, account, post), parseFields(textParam(call, 'fields') ?? usual));
}

/** GET /{page-id}/feed, GET /{ig-id}/media: newest first; with `comments` as a field what a missed webhook told can be found. */
export function listPosts(stage: Stage, call: GraphCallContext, account: Account): unknown {
  const posts = [...stage.world.posts.values()]
    .filter((post) => post.accountId === account.id && post.owner === undefined)
    .sort((a, b) => b.at - a.at);
  const wishes = parseFields(textParam(call, 'fields') ?? (account.kind === 'page' ? 'created_time,message' : 'id'));
  return page(
    posts.map((post) => project(postNode(stage, call, account, post), wishes)),
    { limit: textParam(call, 'limit'), after: textParam(call, 'after') },
    (after) => nextPage(stage, call, `${account.id}/${call.path[1] ?? ''}`, after),
  );
}

function postNode(stage: Stage, call: GraphCallContext, account: Account, post: Post): NodeFields {
  const comments = (wish: FieldWish) => listComments(stage, call, post.id, wish);
  const at = graphTime(post.at);
  if (account.kind === 'page') {
    const link = `https://www.facebook.com/${post.id.replace('_', '/posts/')}`;
    return {
      id: post.id,
      message: post.text,
      created_time: at,
      updated_time: at,
      permalink_url: link,
      from: { name: account.name, id: account.id },
      comments,
    };
  }
  return {
    id: post.id,
    caption: post.text,
    timestamp: at,
    username: post.owner ?? account.instagram?.username,
    media_type: 'IMAGE',
    media_product_type: post.live ? 'LIVE' : 'FEED',
    permalink: `https://www.instagram.com/p/${post.id}/`,
    comments,
  };
}

/** GET /{psid}, GET /{igsid}: the profile of somebody who wrote. */
export function readPerson(stage: Stage, call: GraphCallContext, account: Account, person: Person): unknown {
  const usual = account.kind === 'page' ? 'first_name,last_name,profile_pic' : 'name,profile_pic,username';
  const [first = person.name, ...rest] = person.name.split(' ');
  const picture = stage.links.profilePicture(account, person.id);
  const shared = { id: person.id, name: person.name, profile_pic: picture };
  const node: NodeFields =
    account.kind === 'page'
      ? {
          ...shared,
          first_name: first,
          last_name: rest.join(' '),
          locale: undefined,
          timezone: undefined,
          gender: undefined,
        }
      : {
          ...shared,
          username: person.username,
          follower_count: 120,
          is_user_follow_business: true,
          is_business_follow_user: false,
          is_verified_user: false,
        };
  return project(node, parseFields(textParam(call, 'fields') ?? usual));
}

/** GET /me: the Page (or account) of the token. */
export function ownAccount(call: GraphCallContext): Account | undefined {
  return call.accounts.find((account) => account.kind !== 'phone') ?? call.accounts[0];
}
