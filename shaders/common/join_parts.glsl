// The end of a block whose k is split among PARTS workgroups. Each leaves its sums in memory, fp32, a block's parts one behind the
// other; the last of them to come adds them up, in an order that never changes, and finishes the block. A counter tells which one that
// is: a block's is 0 before and after.
//
// The includer declares PARTS, PARTS_BINDING and the binding after it, uvec4 load_added(row, column), which is what finish_joined
// wants of memory, and finish_joined(row, column, sums, added), which all invocations call together; of those that have nothing to
// finish the column is NO_COLUMN.
layout(set = 0, binding = PARTS_BINDING) coherent buffer Parts { vec4 parts[]; };
layout(set = 0, binding = PARTS_BINDING + 1) coherent buffer Counters { uint counters[]; };

const uint BLOCK_EIGHTS = BLOCK_N / 8;
const uint ALL_EIGHTS = BLOCK_M * BLOCK_EIGHTS;
// Eights that an invocation finishes, and of how many the parts are on their way at a time.
const uint JOIN_PASSES = (ALL_EIGHTS + INVOCATIONS - 1) / INVOCATIONS;
const uint JOIN_BATCH = JOIN_PASSES < 4 ? JOIN_PASSES : 4;
const uint NO_COLUMN = ~0u;

// Where the workgroup's block begins.
uint block_row, block_column;

shared uint earlier_parts;

uvec4 load_added(uint row, uint column);
void finish_joined(uint row, uint column, vec4 low, vec4 high, uvec4 added);

uint block_index()
{
    return gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
}

// Where an eight of the block lies in parts.
uint part_at(uint part, uint eight)
{
    return ((block_index() * PARTS + part) * ALL_EIGHTS + eight) * 2;
}

// Parts of k stand along z.
void leave_part(uint row, uint column, vec4 low, vec4 high)
{
    uint at = part_at(gl_WorkGroupID.z, (row - block_row) * BLOCK_EIGHTS + (column - block_column) / 8);
    parts[at] = low;
    parts[at + 1] = high;
}

// Once the workgroup has left its part: whether all others of the block have been left too.
bool is_last_part()
{
    memoryBarrierBuffer();
    barrier();
    if (gl_LocalInvocationID.x == 0)
    {
        memoryBarrierBuffer();
        earlier_parts = atomicAdd(counters[block_index()], 1);
        if (earlier_parts == PARTS - 1)
            counters[block_index()] = 0;
        memoryBarrierBuffer();
    }
    barrier();
    memoryBarrierBuffer();
    return earlier_parts == PARTS - 1;
}

void join_parts()
{
    for (uint first_pass = 0; first_pass < JOIN_PASSES; first_pass += JOIN_BATCH)
    {
        vec4 low[JOIN_BATCH], high[JOIN_BATCH];
        uvec4 added[JOIN_BATCH];
        [[unroll]] for (uint i = 0; i < JOIN_BATCH; i++)
        {
            // Past the end the last one, which is not finished once more.
            uint eight = min((first_pass + i) * INVOCATIONS + gl_LocalInvocationID.x, ALL_EIGHTS - 1);
            added[i] = load_added(block_row + eight / BLOCK_EIGHTS, block_column + eight % BLOCK_EIGHTS * 8);
            low[i] = high[i] = vec4(0.0);
            [[unroll]] for (uint part = 0; part < PARTS; part++)
            {
                uint at = part_at(part, eight);
                low[i] += parts[at];
                high[i] += parts[at + 1];
            }
        }
        [[unroll]] for (uint i = 0; i < JOIN_BATCH; i++)
        {
            uint eight = (first_pass + i) * INVOCATIONS + gl_LocalInvocationID.x;
            finish_joined(
                block_row + eight / BLOCK_EIGHTS, eight < ALL_EIGHTS ? block_column + eight % BLOCK_EIGHTS * 8 : NO_COLUMN, low[i], high[i], added[i]);
        }
    }
}
