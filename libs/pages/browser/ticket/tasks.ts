import { describeError, sendJson } from '../api/client.js';
import type { Task, Ticket } from '../api/types.js';
import { taskWords } from '../format/words.js';
import { h, icon, ICONS } from '../view/element.js';
import { fill } from '../view/fill.js';
import { timeOf } from '../view/parts.js';

export interface Tasks {
  readonly element: HTMLElement;
  show(ticket: Ticket): void;
}

/** What the customer asked a person to do. What is open is large and comes first; what was done is a line. */
export function ticketTasks(onChanged: () => void): Tasks {
  const list = h('ul', { class: 'tasks' });
  const status = h('p', { class: 'field-status', role: 'status' });
  const element = h('section', { class: 'task-box', 'aria-label': 'Tasks', hidden: true }, list, status);
  const finish = async (ticket: Ticket, task: Task, done: boolean): Promise<void> => {
    status.className = 'field-status';
    status.textContent = 'Saving…';
    try {
      const path = `/api/v1/tickets/${encodeURIComponent(ticket.id)}/tasks/${encodeURIComponent(task.id)}`;
      await sendJson<Task>('PATCH', path, { done });
      status.textContent = done ? 'Done.' : 'Open again.';
      onChanged();
    } catch (error) {
      status.className = 'field-status tone-bad';
      status.textContent = describeError(error);
    }
  };
  return {
    element,
    show(ticket) {
      const { tasks } = ticket;
      element.hidden = tasks.length === 0;
      const open = tasks.filter(({ done_at }) => done_at === null);
      const done = tasks.filter(({ done_at }) => done_at !== null);
      fill(list, [tasks, Math.floor(Date.now() / 60_000)], () =>
        [...open, ...done].map((task) => taskItem(task, () => void finish(ticket, task, task.done_at === null))),
      );
    },
  };
}

function taskItem(task: Task, change: () => void): HTMLElement {
  const isDone = task.done_at !== null;
  const isLate = !isDone && task.due_at !== null && Date.parse(task.due_at) < Date.now();
  const button = h(
    'button',
    { type: 'button', class: isDone ? 'link' : 'button', 'data-key': `task-${task.id}`, on: { click: change } },
    isDone ? 'Open again' : 'Done',
    h('span', { class: 'hidden' }, `: ${taskWords(task.kind)}`),
  );
  return h(
    'li',
    { class: `task${isDone ? ' is-done' : ''}${isLate ? ' is-late' : ''}` },
    icon(isDone ? ICONS.check : ICONS.phone),
    h(
      'span',
      { class: 'task-what' },
      h('b', {}, taskWords(task.kind)),
      ' ',
      isDone
        ? h('span', { class: 'quiet' }, 'done ', timeOf(task.done_at))
        : task.due_at === null
          ? 'as soon as possible'
          : [timeOf(task.due_at), h('span', { class: isLate ? 'tone-bad' : 'quiet' }, ' ', timeOf(task.due_at, 'ago'))],
      task.note !== null && task.note !== '' && h('span', { class: 'task-note', dir: 'auto' }, task.note),
    ),
    button,
  );
}
