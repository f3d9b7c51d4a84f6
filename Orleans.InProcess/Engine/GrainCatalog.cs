using System.Collections.Concurrent;
using System.Reflection;
using Orleans.Runtime;

namespace Orleans.InProcess;

/// <summary>The grain classes of the application: those in assemblies loaded or referenced that know the engine.</summary>
internal sealed class GrainCatalog
{
    private static readonly string s_engineName = typeof(GrainCatalog).Assembly.GetName().Name!;
    private static readonly ConcurrentDictionary<Assembly, GrainClass[]> s_found = new();

    private static volatile Walk? s_last;

    private readonly GrainClass[] _classes;
    private readonly Dictionary<GrainType, GrainClass> _byType = [];
    private readonly ConcurrentDictionary<(Type Interface, string? Prefix), GrainClass> _byInterface = new();

    public GrainCatalog()
    {
        _classes = Classes();
        foreach (var grainClass in _classes)
        {
            if (!_byType.TryAdd(grainClass.Type, grainClass))
            {
                throw new OrleansConfigurationException(
                    $"{_byType[grainClass.Type].Implementation} and {grainClass.Implementation} are both called {grainClass.Type}.");
            }
        }
    }

    /// <summary>The class of a grain type.</summary>
    internal GrainClass OfType(GrainType type) => _byType.TryGetValue(type, out var grainClass)
        ? grainClass
        : throw new ArgumentException($"There is no grain class of type {type}.", nameof(type));

    /// <summary>The class that implements an interface.</summary>
    internal GrainClass Implementing(Type grainInterface, string? prefix) =>
        _byInterface.GetOrAdd((grainInterface, prefix), key => Find(key.Interface, key.Prefix));

    // Walked again only when more has been loaded: a simulation starts hosts by the thousand.
    private static GrainClass[] Classes()
    {
        var loaded = AppDomain.CurrentDomain.GetAssemblies().Count(assembly => !assembly.IsDynamic);
        if (s_last is not { } last || last.Loaded != loaded)
        {
            GrainClass[] classes = [.. Assemblies().SelectMany(assembly => s_found.GetOrAdd(assembly, ClassesIn))];
            s_last = last = new Walk(loaded, classes);
        }

        return last.Classes;
    }

    private static GrainClass[] ClassesIn(Assembly assembly) => [.. assembly.GetTypes()
        .Where(type => type is { IsClass: true, IsAbstract: false, IsGenericTypeDefinition: false }
            && typeof(IGrainBase).IsAssignableFrom(type)
            && typeof(IGrain).IsAssignableFrom(type))
        .OrderBy(type => type.FullName, StringComparer.Ordinal)
        .Select(type => new GrainClass(type))];

    // From what is loaded along references: an assembly of grains may not have been touched yet when the host is built.
    private static SortedDictionary<string, Assembly>.ValueCollection Assemblies()
    {
        var known = new SortedDictionary<string, Assembly>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var left = new Queue<Assembly>(AppDomain.CurrentDomain.GetAssemblies().Where(assembly => !assembly.IsDynamic));
        while (left.TryDequeue(out var assembly))
        {
            var references = assembly.GetReferencedAssemblies();
            if (assembly.GetName().Name is not { } name
                || !Array.Exists(references, reference => reference.Name == s_engineName)
                || !known.TryAdd(name, assembly))
            {
                continue;
            }

            foreach (var reference in references)
            {
                if (!IsOfThePlatform(reference.Name!) && seen.Add(reference.Name!) && TryLoad(reference) is { } referenced)
                {
                    left.Enqueue(referenced);
                }
            }
        }

        return known.Values;
    }

    private static Assembly? TryLoad(AssemblyName reference)
    {
        try
        {
            return Assembly.Load(reference);
        }
        catch (FileNotFoundException)
        {
            // Wanted by the compiler only, so not deployed, so without grains.
            return null;
        }
    }

    private static bool IsOfThePlatform(string name) =>
        name.StartsWith("System", StringComparison.Ordinal)
        || name.StartsWith("Microsoft.", StringComparison.Ordinal)
        || name == s_engineName;

    private GrainClass Find(Type grainInterface, string? prefix)
    {
        var found = Array.FindAll(_classes, candidate =>
            grainInterface.IsAssignableFrom(candidate.Implementation)
            && (prefix is null || candidate.Implementation.FullName!.StartsWith(prefix, StringComparison.Ordinal)));
        if (found.Length > 1)
        {
            // Of several, the one that is named for the interface.
            var byName = Array.FindAll(found, candidate => candidate.Implementation.Name == grainInterface.Name[1..]);
            found = byName.Length == 1 ? byName : found;
        }

        return found.Length switch
        {
            1 => found[0],
            0 => throw new ArgumentException($"No grain class implements {grainInterface}."),
            _ => throw new ArgumentException($"Several grain classes implement {grainInterface}: name one by a prefix."),
        };
    }

    private sealed record Walk(int Loaded, GrainClass[] Classes);
}
