import { fieldsOf, validateInput, type ClassType } from '@fanin/contracts';
import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { invalidInput } from './problem.js';

/** Checks bodies, queries and parameters whose class has `field` declarations; everything else passes as it is. */
@Injectable()
export class InputPipe implements PipeTransform {
  transform(value: unknown, { metatype, type }: ArgumentMetadata): unknown {
    if (type === 'custom' || metatype === undefined || fieldsOf(metatype as ClassType).length === 0) return value;
    const result = validateInput(metatype as ClassType, value ?? {}, { fromText: type !== 'body' });
    if (!result.ok) throw invalidInput(result.problems);
    return result.value;
  }
}
