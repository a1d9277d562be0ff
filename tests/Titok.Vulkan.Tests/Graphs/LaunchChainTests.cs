using System.Collections.Immutable;
using Titok.Vulkan.Checkpoints;
using Titok.Vulkan.Engine;
using Titok.Vulkan.Graphs;
using Titok.Vulkan.Kernels;
using Titok.Vulkan.Tests.Kernels;

namespace Titok.Vulkan.Tests.Graphs;

/// <summary>Where launches wait for each other by counters, everything is still there before it is used.</summary>
public class LaunchChainTests
{
    public static TheoryData<int> Seeds => PlannerTests.Seeds;

    [Theory]
    [MemberData(nameof(Seeds))]
    public void WhatConflictsIsStillInOrder(int block)
    {
        int links = 0;
        for (int seed = block * 50; seed < (block + 1) * 50; seed++)
        {
            var random = new Random(seed);
            (List<(string Label, KernelCall Call)> calls, _) = PlannerTests.RandomCalls(random);
            calls = [.. calls.Select(c => (c.Label, random.Next(4) == 0 ? c.Call : Chainable(c.Call, random.Next(1, 100))))];
            var (offsets, _) = ArenaPlanner.Place([.. calls.Select(c => c.Call)], []);
            ImmutableArray<Dispatch> planned = BarrierPlanner.Place(calls, offsets), linked = LaunchChain.Link(planned, Counters(calls.Count));
            // No wait is where there was no barrier, and none beside one.
            Assert.Equal(planned.Select(d => d.BarrierBefore), linked.Select(d => d.BarrierBefore ^ d.Call.IsChained));
            links += linked.Count(d => d.Call.IsChained);
            // Calls before it that are over when one begins, or has waited: how many, from the first on, and maybe another.
            var over = new List<(int First, int? Other)>();
            for (int later = 0; later < linked.Length; later++)
            {
                over.Add(linked[later] switch
                {
                    { BarrierBefore: true } => (later, null),
                    { Call.IsChained: true } => Awaited(linked, later, over[later - 1]),
                    _ => (later == 0 ? 0 : LastBarrier(linked, later), null),
                });
                for (int earlier = 0; earlier < later; earlier++)
                {
                    bool isOver = earlier < over[later].First || earlier == over[later].Other;
                    Assert.True(isOver || !PlannerTests.Conflict(calls[earlier].Call, calls[later].Call, offsets), $"seed {seed}: calls {earlier} and {later}");
                }
            }
        }
        Assert.True(links > 10, $"{links} links");
    }

    /// <summary>By who waits and who counts: the same counter, a new one each, and all blocks.</summary>
    private static (int First, int? Other) Awaited(ImmutableArray<Dispatch> linked, int later, (int First, int? Other) before)
    {
        KernelCall call = linked[later].Call, counted = linked[later - 1].Call;
        Assert.Equal(counted.Bindings[^1].Tensor, call.Bindings[^2].Tensor);
        Assert.Equal((Access.ReadWrite, Access.Read), (counted.Bindings[^1].Access, call.Bindings[^2].Access));
        Assert.Equal((1u, (uint)counted.CountedBlocks!), (counted.Specialization[^1], call.Specialization[^2]));
        Assert.Single(linked, d => d.Call.Bindings.Any(b => b.Tensor == call.Bindings[^2].Tensor && b.Access == Access.ReadWrite));
        // All before the one that is waited for were over when it went on.
        Assert.True(before.First + (before.Other is null ? 0 : 1) >= later - 1);
        return (later, null);
    }

    private static int LastBarrier(ImmutableArray<Dispatch> linked, int later)
    {
        while (later > 0 && !linked[later].BarrierBefore)
            later--;
        return later;
    }

    /// <summary>Those of one image. The first layer's input is normed by another kernel with few tokens; of 64 images all linear layers are large.</summary>
    [Theory]
    [InlineData(2, 33, 768, 12)]
    [InlineData(2, 129, 1024, 13)]
    [InlineData(1, 289, 1024, 13)]
    public void BlocksOfATransformerAreInChains(int batch, int tokens, int width, int links)
    {
        var size = new TransformerSize(width, Layers: 3, Heads: 16, 4 * width);
        Assert.True(EmulatedHopper.Unit.ChainsLaunches);
        ImmutableArray<Dispatch> plain = Dispatches(EmulatedHopper.Unit with { ChainsLaunches = false }, batch), linked = Dispatches(EmulatedHopper.Unit, batch);
        Assert.DoesNotContain(plain, d => d.Call.IsChained);
        // Whoever follows one that can be followed so: all but the first, and those around what keeps some tokens, in the end.
        foreach ((Dispatch before, Dispatch dispatch) in linked.Zip(linked.Skip(1)))
        {
            bool isChained = before.Call.CountedBlocks is not null && dispatch.Call.CountedBlocks is not null;
            Assert.Equal((isChained, isChained), (dispatch.Call.IsChained, !dispatch.BarrierBefore && dispatch.Call.ThreadBlock is not null));
        }
        Assert.Equal(links, linked.Count(d => d.Call.IsChained));
        Assert.DoesNotContain(Dispatches(EmulatedHopper.Unit, 64), d => d.Call.IsChained);

        ImmutableArray<Dispatch> Dispatches(GemmUnit unit, int sequences)
        {
            KernelProfile profile = KernelProfile.Of(unit);
            return TransformerCalls.Plan(profile, sequences, tokens, size).Dispatches;
        }
    }

    private static KernelCall Chainable(KernelCall call, int blocks)
    {
        Tensor y = call.Bindings.First(b => b.Access != Access.Read).Tensor;
        return call with { Bindings = [.. call.Bindings, .. LaunchChain.NoCounters(y)], Specialization = LaunchChain.NoWait, CountedBlocks = blocks };
    }

    private static Tensor Counters(int calls)
    {
        int words = LaunchChain.CounterWords(calls);
        return new Tensor(new Value(2000, ValueKind.Counters, "launch counters", DataType.UInt32, words), new Shape(words));
    }
}
