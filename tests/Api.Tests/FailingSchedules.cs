using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansConcert.Grains.Abstractions;

namespace OrleansConcert.Api.Tests;

/// <summary>Schedules that tell nothing of their seats while they are to fail.</summary>
public sealed class FailingSchedules
{
    public bool Fail { get; set; }

    /// <summary>Takes the place of the server's own way to its grains, and hands on to it.</summary>
    public void Instead(IServiceCollection services)
    {
        var own = services.Last(service => service.ServiceType == typeof(IGrainFactory));
        services.Replace(ServiceDescriptor.Singleton(provider => Between.Make((IGrainFactory)own.ImplementationFactory!(provider), this)));
    }

    /// <summary>Stands before what it hands on to.</summary>
    public class Between : DispatchProxy
    {
        private object _own = null!;
        private FailingSchedules _schedules = null!;

        internal static T Make<T>(T own, FailingSchedules schedules)
        {
            var between = Create<T, Between>();
            ((Between)(object)between!)._own = own!;
            ((Between)(object)between)._schedules = schedules;
            return between;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (_schedules.Fail && targetMethod!.Name == nameof(IScheduleGrain.Map))
            {
                throw new UnavailableException("Told to fail.");
            }

            var answer = targetMethod!.Invoke(_own, args);
            return answer is IScheduleGrain schedule ? Make(schedule, _schedules) : answer;
        }
    }
}
